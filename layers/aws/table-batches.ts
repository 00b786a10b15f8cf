import { BatchWriteCommand, type BatchWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { TableKey } from '#contracts/table-keys';
import type { StoredItem } from './stored-item.ts';
import { ask, type Table } from './table.ts';
import { untilAllProcessed } from './unprocessed.ts';

/** The most that one BatchWriteItem takes. */
const ITEMS_PER_BATCH = 25;
/** Batches under way at a time. */
const CONCURRENT_BATCHES = 4;

/** Writes items of different keys, whatever was there. */
export const putItems = (table: Table, items: readonly StoredItem[]): Promise<void> =>
  inBatches(items, (batch) =>
    sendBatch(
      table,
      batch.map((Item) => ({ PutRequest: { Item: { ...Item } } })),
    ).then((left) => left.flatMap(({ PutRequest }) => (PutRequest?.Item as StoredItem | undefined) ?? [])),
  );

/** Deletes the items of different keys; those that are not there are none the less gone. */
export const deleteItems = (table: Table, keys: readonly TableKey[]): Promise<void> =>
  inBatches(keys, (batch) =>
    sendBatch(
      table,
      batch.map(({ pk, sk }) => ({ DeleteRequest: { Key: { pk, sk } } })),
    ).then((left) => left.flatMap(({ DeleteRequest }) => (DeleteRequest?.Key as TableKey | undefined) ?? [])),
  );

async function inBatches<T>(
  all: readonly T[],
  send: (batch: readonly T[]) => Promise<readonly T[]>,
): Promise<void> {
  let next = 0;
  const sendBatches = async () => {
    while (next < all.length) {
      const batch = all.slice(next, next + ITEMS_PER_BATCH);
      next += batch.length;
      await untilAllProcessed(batch, send);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_BATCHES }, sendBatches));
}

type WriteRequest = NonNullable<NonNullable<BatchWriteCommandInput['RequestItems']>[string]>[number];

/** @returns what is left of it */
async function sendBatch(table: Table, writes: WriteRequest[]): Promise<WriteRequest[]> {
  const request = new BatchWriteCommand({ RequestItems: { [table.name]: writes } });
  const answer = await ask(table, 'BatchWriteItem', () => table.client.send(request));
  return answer.UnprocessedItems?.[table.name] ?? [];
}
