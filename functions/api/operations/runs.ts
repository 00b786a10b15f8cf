import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type RunsOperation =
  | 'create_docker_run'
  | 'get_docker_runs'
  | 'get_docker_runs_count'
  | 'get_docker_runs_query_by_dataset_id'
  | 'get_docker_run_by_scheduled_id'
  | 'get_docker_run_by_id'
  | 'update_docker_run_by_id'
  | 'get_docker_run_tags';

export function runsOperations(_deps: ApiDeps): Operations<RunsOperation> {
  return {
    create_docker_run: missing,
    get_docker_runs: missing,
    get_docker_runs_count: missing,
    get_docker_runs_query_by_dataset_id: missing,
    get_docker_run_by_scheduled_id: missing,
    get_docker_run_by_id: missing,
    update_docker_run_by_id: missing,
    get_docker_run_tags: missing,
  };
}
