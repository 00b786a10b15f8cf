import { type SharedAccess, sharedAccess } from '#contracts/access';
import {
  sharedAccessKey,
  sharedAccessPartition,
  sharedWithKey,
  sharedWithPartition,
} from '#contracts/access-keys';
import type { ObjectId } from '#contracts/schema';
import type { SharedAccessStore } from '#platform/access/users';
import { dynamo } from './expression.ts';
import { itemCodec } from './stored-item.ts';
import { deleteItemIf, putItem, type Table } from './table.ts';
import { deleteItems, putItems } from './table-batches.ts';
import { decodedItems, itemsOf, readPages } from './table-reads.ts';

const codec = itemCodec<SharedAccess>('shared access', sharedAccess);

/**
 * With whom datasets are shared, in the table: one partition for each dataset, which decides; and one for each whom
 * something is shared with, by which it is listed.
 */
export function sharedAccessStore(table: Table): SharedAccessStore {
  const list = (datasetId: ObjectId) => listOfDataset(table, datasetId);
  return {
    list,
    put: async (access) => {
      const before = await list(access.datasetId);
      await putItem(table, codec.encode(access, sharedAccessKey(access.datasetId, access.id)));
      await mendListings(table, access.datasetId, before);
    },
    delete: async (datasetId, accessId) => {
      const before = await list(datasetId);
      await deleteItemIf(table, sharedAccessKey(datasetId, accessId), dynamo`attribute_exists(#pk)`);
      await mendListings(table, datasetId, before);
    },
    deleteAll: async (datasetId) => {
      const before = await list(datasetId);
      const listings = namesIn(before).map((name) => sharedWithKey(name, datasetId));
      // Listings go first: they can only be found by what is shared.
      await deleteItems(table, listings);
      await deleteItems(
        table,
        before.map(({ id }) => sharedAccessKey(datasetId, id)),
      );
    },
    listSharedWith: async (names) => {
      const datasetIds = new Set<ObjectId>();
      for (const name of names) {
        const range = { partition: sharedWithPartition(name) };
        for await (const { sk } of itemsOf(readPages(table, range))) datasetIds.add(sk);
      }
      return [...datasetIds].sort().reverse();
    },
  };
}

async function listOfDataset(table: Table, datasetId: ObjectId): Promise<SharedAccess[]> {
  const range = { partition: sharedAccessPartition(datasetId) };
  return Array.fromAsync(decodedItems(codec, readPages(table, range)));
}

const namesIn = (shared: readonly SharedAccess[]): string[] => [
  ...new Set(shared.flatMap(({ users, teams }) => [...users, ...teams]).map((name) => name.toLowerCase())),
];

/**
 * Makes the listings tell what is shared now. Those that are over are deleted first and those that hold written
 * then, from what is read in between: of two changes at once, the later one's listings stay.
 */
async function mendListings(
  table: Table,
  datasetId: ObjectId,
  before: readonly SharedAccess[],
): Promise<void> {
  const named = new Set(namesIn(await listOfDataset(table, datasetId)));
  const over = namesIn(before).filter((name) => !named.has(name));
  await deleteItems(
    table,
    over.map((name) => sharedWithKey(name, datasetId)),
  );
  const now = namesIn(await listOfDataset(table, datasetId));
  await putItems(
    table,
    now.map((name) => ({ ...sharedWithKey(name, datasetId) })),
  );
}
