import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type WorkerConfigsOperation =
  | 'create_docker_worker_config'
  | 'get_docker_worker_configs'
  | 'create_docker_worker_config_v2'
  | 'get_docker_worker_config_v2_by_id'
  | 'create_docker_worker_config_v3'
  | 'get_docker_worker_config_v3_by_id'
  | 'create_docker_worker_config_vx'
  | 'get_docker_worker_config_vxby_id'
  | 'get_docker_worker_config_by_id'
  | 'update_docker_worker_config_by_id';

export function workerConfigsOperations(_deps: ApiDeps): Operations<WorkerConfigsOperation> {
  return {
    create_docker_worker_config: missing,
    get_docker_worker_configs: missing,
    create_docker_worker_config_v2: missing,
    get_docker_worker_config_v2_by_id: missing,
    create_docker_worker_config_v3: missing,
    get_docker_worker_config_v3_by_id: missing,
    create_docker_worker_config_vx: missing,
    get_docker_worker_config_vxby_id: missing,
    get_docker_worker_config_by_id: missing,
    update_docker_worker_config_by_id: missing,
  };
}
