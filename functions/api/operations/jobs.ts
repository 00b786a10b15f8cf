import type { Job, JobKind } from '#contracts/jobs';
import type { JobResultType, JobStatusData, JobsData } from '#contracts/protocol/types.gen';
import { usableJob } from '#platform/access/usable-job';
import { mapped } from '#platform/rows';
import type { ApiDeps } from '../api-deps.ts';
import { type Operations, RowStream } from '../operation.ts';

type JobsOperation = 'get_jobs' | 'get_job_status_by_id';
type JobsDeps = Pick<ApiDeps, 'jobs' | 'datasets' | 'runs' | 'sharedAccess'>;

/** What the protocol calls each kind. */
const TYPES: Readonly<Record<JobKind, JobResultType>> = {
  DELETE_DATASET: 'DATASET_PROCESSING',
  SAMPLING: 'SAMPLING',
  EMBEDDINGS2D: 'EMBEDDINGS2D',
};
/** In seconds, unlike the protocol's times. */
const WAIT_TILL_NEXT_POLL = 1;

export function jobsOperations(deps: JobsDeps): Operations<JobsOperation> {
  return {
    get_jobs: async ({ caller }) => new RowStream(mapped(deps.jobs.listForUser(caller.id), jobsData)),
    get_job_status_by_id: async ({ caller, path }) => jobStatus(await usableJob(caller, path.jobId, deps)),
  };
}

function jobsData({ id, kind, datasetId, state: status, finishedAt, createdAt }: Job): JobsData {
  return {
    ...{ id, jobId: id, jobType: TYPES[kind], datasetId, status, createdAt },
    ...(finishedAt !== undefined && { finishedAt }),
  };
}

function jobStatus(job: Job): JobStatusData {
  const { id, kind, datasetId, state, result, error, createdAt, lastModifiedAt, finishedAt } = job;
  return {
    ...{ id, datasetId, status: state, waitTimeTillNextPoll: WAIT_TILL_NEXT_POLL, createdAt, lastModifiedAt },
    ...(finishedAt !== undefined && { finishedAt }),
    ...(error !== undefined && { error }),
    ...(result && { result: { type: TYPES[kind], data: dataOf(job) } }),
  };
}

/** What the protocol calls the result of each kind: clients take the `data` of a sampling for the id of its tag. */
function dataOf(job: Job): unknown {
  switch (job.kind) {
    case 'SAMPLING':
      return job.result?.tagId;
    case 'EMBEDDINGS2D':
      return job.result?.embedding2dId;
    case 'DELETE_DATASET':
      return job.result;
    default:
      return job satisfies never;
  }
}
