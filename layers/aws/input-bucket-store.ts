import { z } from 'zod';
import { inputBucketKey, inputBucketPartition } from '#contracts/datasource-keys';
import { milliseconds, objectId } from '#contracts/schema';
import type { InputBucketStore } from '#platform/datasources/input/input-buckets';
import { dynamo } from './expression.ts';
import { itemCodec } from './stored-item.ts';
import { deleteItemIf, putItem, type Table } from './table.ts';
import { decodedItems, readPages } from './table-reads.ts';

const codec = itemCodec('input bucket', z.strictObject({ datasetId: objectId, addedAt: milliseconds }));

/** Buckets of datasets in the table. @param now ms */
export const inputBucketStore = (table: Table, now: () => number = Date.now): InputBucketStore => ({
  add: async (bucket, datasetId) => {
    await putItem(table, codec.encode({ datasetId, addedAt: now() }, inputBucketKey(bucket, datasetId)));
  },
  remove: async (bucket, datasetId) => {
    await deleteItemIf(table, inputBucketKey(bucket, datasetId), dynamo`attribute_exists(#pk)`);
  },
  datasetsIn: async (bucket) => {
    const found: string[] = [];
    const pages = readPages(table, { partition: inputBucketPartition(bucket) });
    for await (const { datasetId } of decodedItems(codec, pages)) found.push(datasetId);
    return found;
  },
});
