import {
  settingsConfigsIndexKey,
  workerConfigKey,
  workerConfigsIndexKey,
  workerConfigsPartition,
} from '#contracts/table-keys';
import { type WorkerConfig, workerConfig } from '#contracts/worker-config';
import type { WorkerConfigStore } from '#platform/scheduling/worker-config-store';
import { dynamo } from './expression.ts';
import { type ItemKey, itemCodec } from './stored-item.ts';
import { getItem, putItemIfAbsent, type Table, updateItemIf } from './table.ts';
import { decodedItems, readIndexPages } from './table-reads.ts';

const codec = itemCodec<WorkerConfig>('worker config', workerConfig);

/** Worker configs in the table. */
export function workerConfigStore(table: Table): WorkerConfigStore {
  return {
    create: async (config) => {
      await putItemIfAbsent(table, codec.encode(config, keyOf(config)));
    },
    get: async (configId) => {
      const item = await getItem(table, workerConfigKey(configId));
      return item && codec.decode(item);
    },
    list: (userId) => {
      const range = { partition: workerConfigsPartition(userId), descending: true };
      return decodedItems(codec, readIndexPages(table, range, 'gsi2'));
    },
    replace: async ({ id }, version, document) => {
      const original = dynamo`#originalDocument = if_not_exists(#originalDocument, #document)`;
      const change = dynamo`SET ${original}, #document = ${document}, #version = ${version}`;
      const isUnused = dynamo`attribute_exists(#pk) AND attribute_not_exists(#usedAt)`;
      return (await updateItemIf(table, workerConfigKey(id), change, isUnused)) !== undefined;
    },
    markUsed: async (configId, at) => {
      const change = dynamo`SET #usedAt = if_not_exists(#usedAt, ${at})`;
      const item = await updateItemIf(
        table,
        workerConfigKey(configId),
        change,
        dynamo`attribute_exists(#pk)`,
      );
      return item && codec.decode(item);
    },
  };
}

const keyOf = ({ id, userId, datasetId, createdAt }: WorkerConfig): ItemKey => ({
  ...workerConfigKey(id),
  ...workerConfigsIndexKey(userId, createdAt, id),
  ...(datasetId !== undefined && settingsConfigsIndexKey(datasetId, id)),
});
