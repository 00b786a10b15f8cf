import type { Dataset } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import type { DatasetStore } from '#platform/datasets/datasets';
import type { InputBucketStore } from '#platform/datasources/input/input-buckets';
import { keptForSeconds } from '#platform/kept-for-seconds';

/**
 * Datasets that events are for: as they were a few seconds ago at most, but for which ones have their images in a bucket.
 * Those that are being deleted are none any more.
 */
export interface InputDatasets {
  get(datasetId: ObjectId): Promise<Dataset | undefined>;
  /** Those that may have their INPUT datasource in the bucket. */
  inBucket(bucket: string): Promise<readonly Dataset[]>;
}

export function inputDatasets(
  stores: {
    readonly datasets: Pick<DatasetStore, 'get'>;
    readonly inputBuckets: Pick<InputBucketStore, 'datasetsIn'>;
  },
  now: () => number,
): InputDatasets {
  const get = keptForSeconds(async (datasetId) => {
    const dataset = await stores.datasets.get(datasetId);
    return dataset?.deletedAt === undefined ? dataset : undefined;
  }, now);
  return {
    get,
    inBucket: async (bucket) => {
      const datasetIds = await stores.inputBuckets.datasetsIn(bucket);
      const found = await Promise.all(datasetIds.map((datasetId) => get(datasetId)));
      return found.filter((dataset) => dataset !== undefined);
    },
  };
}
