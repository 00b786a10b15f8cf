import { datasetSyncKey } from '#contracts/datasource-keys';
import { type DatasetSync, datasetSync } from '#contracts/syncs';
import type { SyncStore } from '#platform/syncs/sync-store';
import { dynamo } from './expression.ts';
import { itemCodec } from './stored-item.ts';
import { getItem, putItemIf, putItemIfAbsent, type Table } from './table.ts';

const codec = itemCodec<DatasetSync>('sync', datasetSync);

/** Syncs in the table. */
export const syncStore = (table: Table): SyncStore => ({
  get: async (datasetId) => {
    const item = await getItem(table, datasetSyncKey(datasetId));
    return item && codec.decode(item);
  },
  replace: (sync) => {
    const item = codec.encode(sync, datasetSyncKey(sync.datasetId));
    return sync.version === 1
      ? putItemIfAbsent(table, item)
      : putItemIf(table, item, dynamo`#version = ${sync.version - 1}`);
  },
});
