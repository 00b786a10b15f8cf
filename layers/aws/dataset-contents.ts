import { datasetIndexPartitions, datasetPartitions } from '#contracts/dataset-partitions';
import type { Dataset } from '#contracts/items';
import { platformPrefixes } from '#contracts/s3-keys';
import { childDatasetKey, type TableKey, tagsPartition } from '#contracts/table-keys';
import type { DatasetContents } from '#platform/datasets/dataset-contents';
import { reportingBuckets } from '#platform/datasources/input/input-buckets';
import type { WritableObjectStore } from '#platform/objects/objects';
import { datasourceStore } from './datasource-store.ts';
import { inputBucketStore } from './input-bucket-store.ts';
import { sharedAccessStore } from './shared-access-store.ts';
import type { Table } from './table.ts';
import { deleteItems } from './table-batches.ts';
import { countItems, readIndexEntryPages, readKeyPages } from './table-reads.ts';

/** Objects that are deleted in one request. */
const OBJECTS_AT_A_TIME = 1_000;

interface Contents {
  readonly table: Table;
  readonly objects: Pick<WritableObjectStore, 'list' | 'delete'>;
  readonly platformBucket: string;
}

/** What hangs on a dataset, in the table and in the platform bucket. */
export function datasetContents(
  table: Table,
  objects: Contents['objects'],
  platformBucket: string,
): DatasetContents {
  const contents = { table, objects, platformBucket };
  return {
    delete: async (dataset, timeIsUp) => {
      for await (const _step of deletionSteps(dataset, contents)) if (timeIsUp()) return false;
      return true;
    },
    countTags: (datasetId) => countItems(table, tagsPartition(datasetId)),
  };
}

/** Each step has deleted a page of something. What leads to other things is deleted after them. */
async function* deletionSteps(dataset: Dataset, contents: Contents): AsyncGenerator<void> {
  const { id, parentDatasetId } = dataset;
  const { table } = contents;
  await sharedAccessStore(table).deleteAll(id);
  for (const bucket of reportingBuckets(dataset, await datasourceStore(table).get(id))) {
    await inputBucketStore(table).remove(bucket, id);
  }
  if (parentDatasetId !== undefined) await deleteItems(table, [childDatasetKey(parentDatasetId, id)]);
  for (const partition of datasetIndexPartitions(id)) {
    for await (const page of readIndexEntryPages(table, { partition })) {
      for (const head of page) yield* deleteWithPartition(table, head);
    }
  }
  for (const partition of datasetPartitions(id)) yield* deletePartition(table, partition);
  yield* deleteObjects(id, contents);
}

/** A run's artifacts are found by the run, and so are deleted before it. */
async function* deleteWithPartition(table: Table, head: TableKey): AsyncGenerator<void> {
  yield* deletePartition(table, head.pk, head.sk);
  await deleteItems(table, [head]);
  yield;
}

async function* deletePartition(table: Table, partition: string, except?: string): AsyncGenerator<void> {
  for await (const page of readKeyPages(table, partition)) {
    const keys = page.filter(({ sk }) => sk !== except);
    // Only what was done counts as a step, so that whoever has time for one gets on.
    if (keys.length === 0) continue;
    await deleteItems(table, keys);
    yield;
  }
}

async function* deleteObjects(
  datasetId: string,
  { objects, platformBucket }: Contents,
): AsyncGenerator<void> {
  for (const prefix of platformPrefixes(datasetId)) {
    let keys: string[] = [];
    for await (const { key } of objects.list(platformBucket, prefix)) {
      keys.push(key);
      if (keys.length < OBJECTS_AT_A_TIME) continue;
      await objects.delete(platformBucket, keys);
      keys = [];
      yield;
    }
    await objects.delete(platformBucket, keys);
  }
}
