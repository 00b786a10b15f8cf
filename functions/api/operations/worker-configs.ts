import type { WorkerConfig } from '#contracts/worker-config';
import { mapped } from '#platform/rows';
import {
  createWorkerConfig,
  replaceWorkerConfig,
  usableWorkerConfig,
} from '#platform/scheduling/worker-configs';
import type { ApiDeps } from '../api-deps.ts';
import { type OperationRequest, type Operations, RowStream } from '../operation.ts';
import { configDataV0, configDataV2, configDataV3, configDataVX } from '../wire/worker-config-data.ts';

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

export function workerConfigsOperations(
  deps: Pick<ApiDeps, 'workerConfigs' | 'now'>,
): Operations<WorkerConfigsOperation> {
  const { workerConfigs } = deps;
  const found = ({
    caller,
    path,
  }: OperationRequest<'get_docker_worker_config_by_id'>): Promise<WorkerConfig> =>
    usableWorkerConfig(caller, path.configId, workerConfigs);
  return {
    create_docker_worker_config: async ({ caller, body }) => ({
      id: await createWorkerConfig('V0', body.config, caller, deps),
    }),
    create_docker_worker_config_v2: async ({ caller, body }) => ({
      id: await createWorkerConfig('V2', body.config, caller, deps),
    }),
    create_docker_worker_config_v3: async ({ caller, body }) => ({
      id: await createWorkerConfig('V3', body.config, caller, deps),
    }),
    create_docker_worker_config_vx: async ({ caller, body }) => ({
      id: await createWorkerConfig(body.version, body.config, caller, deps),
    }),
    get_docker_worker_configs: async ({ caller }) =>
      new RowStream(mapped(workerConfigs.list(caller.id), configDataV0)),
    get_docker_worker_config_by_id: async (request) => configDataV0(await found(request)),
    get_docker_worker_config_v2_by_id: async (request) => configDataV2(await found(request)),
    get_docker_worker_config_v3_by_id: async (request) => configDataV3(await found(request)),
    get_docker_worker_config_vxby_id: async (request) => configDataVX(await found(request)),
    update_docker_worker_config_by_id: async ({ caller, path, body }) => {
      await replaceWorkerConfig(path.configId, body.config, caller, deps);
    },
  };
}
