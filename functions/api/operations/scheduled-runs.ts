import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type ScheduledRunsOperation =
  | 'create_docker_run_scheduled_by_dataset_id'
  | 'get_docker_runs_scheduled_by_dataset_id'
  | 'cancel_scheduled_docker_run_state_by_id'
  | 'update_scheduled_docker_run_state_by_id'
  | 'get_docker_runs_scheduled_by_state_and_labels'
  | 'get_docker_runs_scheduled_by_worker_id';

export function scheduledRunsOperations(_deps: ApiDeps): Operations<ScheduledRunsOperation> {
  return {
    create_docker_run_scheduled_by_dataset_id: missing,
    get_docker_runs_scheduled_by_dataset_id: missing,
    cancel_scheduled_docker_run_state_by_id: missing,
    update_scheduled_docker_run_state_by_id: missing,
    get_docker_runs_scheduled_by_state_and_labels: missing,
    get_docker_runs_scheduled_by_worker_id: missing,
  };
}
