import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type WorkerServiceOperation =
  | 'post_docker_usage_stats'
  | 'post_docker_authorization_request'
  | 'get_docker_license_information'
  | 'post_docker_worker_authorization_request';

export function workerServiceOperations(_deps: ApiDeps): Operations<WorkerServiceOperation> {
  return {
    post_docker_usage_stats: missing,
    post_docker_authorization_request: missing,
    get_docker_license_information: missing,
    post_docker_worker_authorization_request: missing,
  };
}
