import { type SharedAccess, sharedAccess } from '#contracts/access';
import { sharedAccessKey, sharedAccessPartition } from '#contracts/table-keys';
import type { SharedAccessStore } from '#platform/access/users';
import { dynamo } from './expression.ts';
import { itemCodec } from './stored-item.ts';
import { deleteItemIf, putItem, type Table } from './table.ts';
import { itemsOf, readPages } from './table-reads.ts';

const codec = itemCodec<SharedAccess>('shared access', sharedAccess);

/** With whom datasets are shared, in the table: one partition for each dataset. */
export function sharedAccessStore(table: Table): SharedAccessStore {
  return {
    put: (access) => putItem(table, codec.encode(access, sharedAccessKey(access.datasetId, access.id))),
    list: async (datasetId) => {
      const shared: SharedAccess[] = [];
      const range = { partition: sharedAccessPartition(datasetId) };
      for await (const item of itemsOf(readPages(table, range))) shared.push(codec.decode(item));
      return shared;
    },
    delete: async (datasetId, accessId) => {
      await deleteItemIf(table, sharedAccessKey(datasetId, accessId), dynamo`attribute_exists(#pk)`);
    },
  };
}
