import type { User } from '#contracts/access';
import { NotFoundError } from '#contracts/errors';
import type { Job } from '#contracts/jobs';
import type { ObjectId } from '#contracts/schema';
import type { JobStore } from '../jobs/jobs.ts';
import { type DatasetAccessDeps, usableDataset } from './usable-dataset.ts';

export interface JobAccessDeps extends DatasetAccessDeps {
  readonly jobs: Pick<JobStore, 'get'>;
}

/** A job may be seen by whoever asked for it, and by whoever may use its dataset. @throws NotFoundError, ForbiddenError */
export async function usableJob(caller: User, jobId: ObjectId, deps: JobAccessDeps): Promise<Job> {
  const job = await deps.jobs.get(jobId);
  if (!job) throw new NotFoundError('job', jobId);
  if (job.userId !== caller.id) await usableDataset(caller, job.datasetId, deps);
  return job;
}
