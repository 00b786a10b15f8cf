import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { StoredItem } from './stored-item.ts';
import { ask, type Table } from './table.ts';
import { untilAllProcessed } from './unprocessed.ts';

/** The most that one BatchWriteItem takes. */
const ITEMS_PER_BATCH = 25;
/** Batches under way at a time. */
const CONCURRENT_BATCHES = 4;

/** Writes items of different keys, whatever was there. */
export async function putItems(table: Table, items: readonly StoredItem[]): Promise<void> {
  let next = 0;
  const writeBatches = async () => {
    while (next < items.length) {
      const batch = items.slice(next, next + ITEMS_PER_BATCH);
      next += batch.length;
      await untilAllProcessed(batch, (rest) => putBatch(table, rest));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_BATCHES }, writeBatches));
}

async function putBatch(table: Table, items: readonly StoredItem[]): Promise<StoredItem[]> {
  const request = new BatchWriteCommand({
    RequestItems: { [table.name]: items.map((Item) => ({ PutRequest: { Item: { ...Item } } })) },
  });
  const answer = await ask(table, 'BatchWriteItem', () => table.client.send(request));
  return (answer.UnprocessedItems?.[table.name] ?? []).flatMap(({ PutRequest }) =>
    PutRequest?.Item ? [PutRequest.Item as StoredItem] : [],
  );
}
