import { workerConfigKey } from '#contracts/table-keys';
import { type WorkerConfig, workerConfig } from '#contracts/worker-config';
import type { WorkerConfigStore } from '#platform/scheduling/scheduled-runs';
import { itemCodec } from './stored-item.ts';
import { getItem, putItemIfAbsent, type Table } from './table.ts';

const codec = itemCodec<WorkerConfig>('worker config', workerConfig);

/** Worker configs in the table. They never change. */
export function workerConfigStore(table: Table): WorkerConfigStore {
  return {
    create: async (config) => {
      await putItemIfAbsent(table, codec.encode(config, workerConfigKey(config.id)));
    },
    get: async (configId) => {
      const item = await getItem(table, workerConfigKey(configId));
      return item && codec.decode(item);
    },
  };
}
