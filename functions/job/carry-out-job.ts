import { InvalidInputError, NotFoundError } from '#contracts/errors';
import type { Job, JobKind, JobMessage, JobOf, JobResult } from '#contracts/jobs';
import type { Telemetry } from '#contracts/telemetry';
import type { JobStore } from '#platform/jobs/jobs';

/**
 * Does the work of one kind of job; may be called again for a job that was half done.
 *
 * @param timeIsUp the invocation has to come to its end
 * @returns the job's result; undefined where it goes on later, by a message that it has sent
 */
export type DoJob<Kind extends JobKind> = (
  job: JobOf<Kind>,
  timeIsUp: () => boolean,
) => Promise<JobResult<Kind> | undefined>;

type DoJobs = { readonly [Kind in JobKind]: DoJob<Kind> };

export interface CarryOutJobDeps {
  readonly jobs: JobStore;
  readonly kinds: DoJobs;
  readonly telemetry: Telemetry;
  readonly now: () => number;
}

/**
 * Does a job, or what is left of it. One that can't be done as it was asked for ends as FAILED; what may pass is
 * thrown, and the message comes back.
 */
export async function carryOutJob(
  { jobId }: JobMessage,
  timeIsUp: () => boolean,
  deps: CarryOutJobDeps,
): Promise<void> {
  const { jobs, kinds, telemetry, now } = deps;
  const job = await jobs.get(jobId);
  if (!job) throw new NotFoundError('job', jobId);
  if (job.state === 'FINISHED' || job.state === 'FAILED') return;
  await jobs.start(jobId, now());
  try {
    const result = await resultOf(job, timeIsUp, kinds);
    if (result === undefined) return;
    await jobs.finish(jobId, result, now());
    telemetry.count('JobsFinished', 1);
  } catch (error) {
    if (!(error instanceof InvalidInputError || error instanceof NotFoundError)) throw error;
    await jobs.fail(jobId, error.message, now());
    telemetry.count('JobsFailed', 1);
  }
  telemetry.log('info', 'Job done', { jobId, kind: job.kind, datasetId: job.datasetId });
}

function resultOf(job: Job, timeIsUp: () => boolean, kinds: DoJobs): Promise<JobResult | undefined> {
  switch (job.kind) {
    case 'DELETE_DATASET':
      return kinds.DELETE_DATASET(job, timeIsUp);
    case 'SAMPLING':
      return kinds.SAMPLING(job, timeIsUp);
    case 'EMBEDDINGS2D':
      return kinds.EMBEDDINGS2D(job, timeIsUp);
    default:
      return job satisfies never;
  }
}
