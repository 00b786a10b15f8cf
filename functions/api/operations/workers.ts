import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type WorkersOperation =
  | 'get_docker_worker_registry_entries'
  | 'register_docker_worker'
  | 'get_default_or_register_worker'
  | 'delete_docker_worker_registry_entry_by_id'
  | 'get_docker_worker_registry_entry_by_id'
  | 'update_docker_worker_registry_entry_by_id';

export function workersOperations(_deps: ApiDeps): Operations<WorkersOperation> {
  return {
    get_docker_worker_registry_entries: missing,
    register_docker_worker: missing,
    get_default_or_register_worker: missing,
    delete_docker_worker_registry_entry_by_id: missing,
    get_docker_worker_registry_entry_by_id: missing,
    update_docker_worker_registry_entry_by_id: missing,
  };
}
