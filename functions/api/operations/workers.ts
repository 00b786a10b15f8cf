import type { DockerWorkerRegistryEntryData } from '#contracts/protocol/types.gen';
import { BUILT_IN_WORKER_ID, type Worker } from '#contracts/workers';
import {
  builtInWorker,
  listWorkers,
  ownWorker,
  registerWorker,
  updateWorker,
  usableWorker,
} from '#platform/workers/registry';
import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';

type WorkersOperation =
  | 'get_docker_worker_registry_entries'
  | 'register_docker_worker'
  | 'get_default_or_register_worker'
  | 'delete_docker_worker_registry_entry_by_id'
  | 'get_docker_worker_registry_entry_by_id'
  | 'update_docker_worker_registry_entry_by_id';

export function workersOperations(
  deps: Pick<ApiDeps, 'workers' | 'users' | 'now'>,
): Operations<WorkersOperation> {
  return {
    get_docker_worker_registry_entries: async ({ caller, query }) =>
      (await listWorkers(caller, query, deps)).map(entryOf),
    register_docker_worker: async ({ caller, query, body }) => ({
      id: await registerWorker(body, { caller, owner: query.forUserId }, deps),
    }),
    get_default_or_register_worker: async () => entryOf(builtInWorker(deps.now())),
    delete_docker_worker_registry_entry_by_id: async ({ caller, path }) => {
      const { id } = await ownWorker(caller, path.workerId, deps);
      await deps.workers.delete(id);
    },
    get_docker_worker_registry_entry_by_id: async ({ caller, path }) =>
      entryOf(await usableWorker(caller, path.workerId, deps)),
    update_docker_worker_registry_entry_by_id: async ({ caller, path, body }) => {
      await updateWorker(caller, path.workerId, body, deps);
    },
  };
}

function entryOf({ lastSeenAt: _, dockerVersion, ...worker }: Worker): DockerWorkerRegistryEntryData {
  return {
    ...worker,
    workerType: 'FULL',
    isDefault: worker.id === BUILT_IN_WORKER_ID,
    ...(dockerVersion !== undefined && { dockerVersion }),
  };
}
