import { inAllShards } from '#contracts/dataset-partitions';
import { type RawSample, rawSample } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import {
  changedIndexKey,
  changedPartition,
  pendingIndexKey,
  pendingPartition,
  pendingUpperBound,
  rawSampleKey,
  rawSamplesPartition,
} from '#contracts/table-keys';
import type { RawSampleState, RawSampleStore } from '#platform/samples/raw-samples';
import { dynamo, type Expression } from './expression.ts';
import { interleave } from './interleave.ts';
import { listRawSampleRange } from './raw-sample-ranges.ts';
import { writeRawSample } from './raw-sample-write.ts';
import { itemCodec, type StoredItem, withJsonFields } from './stored-item.ts';
import { getItem, type Table, updateItemIf } from './table.ts';
import { countIndexed, decodedItems, getItems, itemsOf, readIndexPages, readPages } from './table-reads.ts';

/** Owners of objects may call their metadata `constructor`, and maps of the table's client can't have that. */
const codec = withJsonFields(itemCodec<RawSample>('raw sample', rawSample), ['objectMetadata']);

/** Shards that are read at a time: the next page is there when the last one has been worked on. */
const CONCURRENT_SHARDS = 4;

/** Raw samples in the table, spread over the shards of their dataset. */
export function rawSampleStore(table: Table): RawSampleStore {
  const get = (datasetId: ObjectId, fileName: string) => getRawSample(table, datasetId, fileName);
  return {
    get,
    getMany: async (datasetId, fileNames) => {
      const found = await getItems(
        table,
        fileNames.map((fileName) => rawSampleKey(datasetId, fileName)),
      );
      return new Map([...found.values()].map((item) => [item.sk, codec.decode(item)]));
    },
    write: async (newState, order) => {
      const item = codec.encode(newState, keysOf(newState));
      return writeRawSample(table, { item, rawSample: newState, order }, () =>
        get(newState.datasetId, newState.fileName),
      );
    },
    countPending: (datasetId, limit) => countPending(table, datasetId, limit),
    listPending: (datasetId, cutoff) => listPending(table, datasetId, cutoff),
    listChanged: (datasetId) => listChanged(table, datasetId),
    list: (datasetId) => listRawSamples(table, datasetId),
    listRange: (datasetId, range) => listRawSampleRange(table, datasetId, range),
    ...changesByRuns(table),
  };
}

/** What runs note of a state that they have read, while it is the stored one. */
function changesByRuns(table: Table): Pick<RawSampleStore, 'settle' | 'settleChanged' | 'regroup'> {
  const change = async (
    { datasetId, fileName, registeredAt }: RawSampleState,
    update: Expression,
    alsoHolds: Expression = dynamo``,
  ): Promise<void> => {
    const isStored = dynamo`#registeredAt = ${registeredAt}${alsoHolds}`;
    await updateItemIf(table, rawSampleKey(datasetId, fileName), update, isStored);
  };
  return {
    settle: (state, group) => {
      const grouping = group ? dynamo`, #group = ${group}` : dynamo``;
      return change(state, dynamo`SET #pending = ${false}${grouping} REMOVE #gsi1pk, #gsi1sk`);
    },
    settleChanged: (state) => change(state, dynamo`REMOVE #gsi1pk, #gsi1sk`),
    regroup: (state, group) =>
      change(state, dynamo`SET #group = ${group}`, dynamo` AND #state = ${'registered'}`),
  };
}

async function getRawSample(
  table: Table,
  datasetId: ObjectId,
  fileName: string,
): Promise<RawSample | undefined> {
  const item = await getItem(table, rawSampleKey(datasetId, fileName));
  return item && codec.decode(item);
}

/** In the index is what a run has to read, and what has changed beside runs. */
function keysOf({ datasetId, fileName, registeredAt, pending, state }: RawSample) {
  const isToRead = pending && (state === 'registered' || state === 'rejected');
  return {
    ...rawSampleKey(datasetId, fileName),
    ...(isToRead ? pendingIndexKey : changedIndexKey)(datasetId, fileName, registeredAt),
  };
}

/** The items that the index lists in these partitions. */
function indexedItems(table: Table, partitions: readonly string[], to?: string): AsyncGenerator<StoredItem> {
  const listed = new Set(partitions);
  const pages = interleave(
    partitions.map(
      (partition) => () => readIndexPages(table, { partition, ...(to !== undefined && { to }) }),
    ),
    CONCURRENT_SHARDS,
  );
  return stillThere(itemsOf(pages), listed);
}

/** The index follows the table some moments behind: what it lists may have been settled or replaced since. */
async function* stillThere(
  items: AsyncIterable<StoredItem>,
  partitions: ReadonlySet<string>,
): AsyncGenerator<StoredItem> {
  for await (const item of items) if (partitions.has(String(item.gsi1pk))) yield item;
}

async function* listPending(table: Table, datasetId: ObjectId, cutoff: number): AsyncGenerator<RawSample> {
  const partitions = inAllShards(pendingPartition, datasetId);
  for await (const item of indexedItems(table, partitions, pendingUpperBound(cutoff))) {
    const found = codec.decode(item);
    if (found.registeredAt <= cutoff) yield found;
  }
}

async function* listChanged(table: Table, datasetId: ObjectId): AsyncGenerator<RawSample> {
  for await (const item of indexedItems(table, inAllShards(changedPartition, datasetId))) {
    yield codec.decode(item);
  }
}

async function countPending(table: Table, datasetId: ObjectId, limit: number): Promise<number> {
  let count = 0;
  for (const partition of inAllShards(pendingPartition, datasetId)) {
    if (count >= limit) break;
    count += await countIndexed(table, partition, limit - count);
  }
  return count;
}

async function* listRawSamples(table: Table, datasetId: ObjectId): AsyncGenerator<RawSample> {
  const isThere = dynamo`#state <> ${'deleted'} AND #state <> ${'archived'}`;
  const pages = interleave(
    inAllShards(rawSamplesPartition, datasetId).map(
      (partition) => () => readPages(table, { partition }, isThere),
    ),
    CONCURRENT_SHARDS,
  );
  yield* decodedItems(codec, pages);
}
