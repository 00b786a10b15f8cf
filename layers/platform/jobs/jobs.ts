import type { Job, JobMessage } from '#contracts/jobs';
import type { ObjectId } from '#contracts/schema';
import type { MessageSender } from '../queues.ts';

/** Jobs as they are kept: WAITING, RUNNING, then FINISHED or FAILED, and never back. */
export interface JobStore {
  /** Creates it, or does nothing where it exists. */
  create(job: Job): Promise<void>;
  get(jobId: ObjectId): Promise<Job | undefined>;
  /** Newest first. */
  listForUser(userId: ObjectId): AsyncIterable<Job>;
  /** WAITING to RUNNING; does nothing otherwise. */
  start(jobId: ObjectId, at: number): Promise<void>;
  finish(jobId: ObjectId, result: Readonly<Record<string, unknown>>, at: number): Promise<void>;
  fail(jobId: ObjectId, error: string, at: number): Promise<void>;
}

/** Keeps a job and sends it on its way. Repeating it with the same job starts nothing twice. */
export async function startJob(
  job: Job,
  {
    jobs,
    jobQueue,
  }: { readonly jobs: Pick<JobStore, 'create'>; readonly jobQueue: MessageSender<JobMessage> },
): Promise<void> {
  await jobs.create(job);
  await jobQueue.send({ jobId: job.id });
}
