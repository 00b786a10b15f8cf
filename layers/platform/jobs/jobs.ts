import type { Job, JobKind, JobMessage, JobOf, JobResult } from '#contracts/jobs';
import { newObjectId, type ObjectId } from '#contracts/schema';
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
  finish(jobId: ObjectId, result: JobResult, at: number): Promise<void>;
  fail(jobId: ObjectId, error: string, at: number): Promise<void>;
}

/** A job that is asked for. */
export type NewJob = {
  readonly [Kind in JobKind]: Pick<JobOf<Kind>, 'kind' | 'datasetId' | 'userId' | 'request'> & {
    /** Where it follows from what is asked, asking again starts nothing twice. @default a new one */
    readonly id?: ObjectId;
  };
}[JobKind];

export interface StartJobDeps {
  readonly jobs: Pick<JobStore, 'create'>;
  readonly jobQueue: MessageSender<JobMessage>;
  /** ms */
  readonly now: () => number;
}

/** Keeps a job and sends it on its way. @returns its id */
export async function startJob(asked: NewJob, { jobs, jobQueue, now }: StartJobDeps): Promise<ObjectId> {
  const at = now();
  const job: Job = {
    id: newObjectId(at),
    ...asked,
    state: 'WAITING',
    createdAt: at,
    lastModifiedAt: at,
  };
  await jobs.create(job);
  await jobQueue.send({ jobId: job.id });
  return job.id;
}
