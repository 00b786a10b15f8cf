import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type JobsOperation = 'get_jobs' | 'get_job_status_by_id';

export function jobsOperations(_deps: ApiDeps): Operations<JobsOperation> {
  return {
    get_jobs: missing,
    get_job_status_by_id: missing,
  };
}
