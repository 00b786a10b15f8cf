import type { DatasetDatasources } from '#contracts/datasources';
import type { Dataset } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import type { DatasetStore } from '../../datasets/datasets.ts';
import { type Datasource, type DatasourceStore, datasourceOf } from '../datasources.ts';
import { isAccessPoint } from '../s3-resources.ts';
import { namedServerOf, traitsOf } from '../store-traits.ts';

/**
 * Which datasets have their images in which bucket, so that an event of a bucket finds them. Entries may be stale: whoever
 * finds one asks the dataset's datasource.
 */
export interface InputBucketStore {
  add(bucket: string, datasetId: ObjectId): Promise<void>;
  remove(bucket: string, datasetId: ObjectId): Promise<void>;
  datasetsIn(bucket: string): Promise<readonly ObjectId[]>;
}

/** True where a bucket that somebody has configured can tell of its changes: a store that merely speaks S3 can't. */
export const sendsEvents = (datasource: Datasource): boolean =>
  traitsOf(datasource.config).sendsEvents && namedServerOf(datasource) === undefined;

/** The bucket whose events are for the dataset; that behind an access point has to be named. Undefined where there is none. */
export function sendingBucket(
  { settings }: Pick<Dataset, 'settings'>,
  input: Datasource,
): string | undefined {
  if (!sendsEvents(input)) return undefined;
  return isAccessPoint(input.place.bucket) ? settings.input.eventBucket : input.place.bucket;
}

/**
 * The buckets that are noted for a dataset: more than {@link sendingBucket}, so that neither a change of the datasource nor
 * one of the settings has to know of the other.
 */
export function reportingBuckets(dataset: Dataset, stored: DatasetDatasources | undefined): string[] {
  const { config, place } = datasourceOf(dataset, stored, 'INPUT');
  const { eventBucket } = dataset.settings.input;
  const maySend = traitsOf(config).sendsEvents;
  const buckets = [
    ...(maySend && !isAccessPoint(place.bucket) ? [place.bucket] : []),
    ...(eventBucket === undefined ? [] : [eventBucket]),
  ];
  return [...new Set(buckets)];
}

/** Of {@link reportingBuckets}, for a change that one conditional write makes. */
export interface BucketsOfChange {
  readonly datasetId: ObjectId;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

export interface FollowBucketsDeps {
  readonly datasets: Pick<DatasetStore, 'get'>;
  readonly datasources: Pick<DatasourceStore, 'get'>;
  readonly inputBuckets: Pick<InputBucketStore, 'add' | 'remove'>;
}

/**
 * Makes a change and has what is noted of buckets follow it. A bucket is noted before the change counts, for an event that
 * comes at once, and once more after it, for somebody who left that bucket meanwhile. What is left behind is forgotten last,
 * unless it is used again by then; stopped before, a note stays, which harms nothing.
 *
 * @param change false where somebody else was faster, and nothing is changed
 * @returns what `change` does
 */
export async function followBuckets(
  { datasetId, before, after }: BucketsOfChange,
  change: () => Promise<boolean>,
  deps: FollowBucketsDeps,
): Promise<boolean> {
  const { inputBuckets } = deps;
  const note = async () => {
    for (const bucket of after) await inputBuckets.add(bucket, datasetId);
  };
  const isUsed = async (bucket: string) => (await bucketsNow(datasetId, deps)).includes(bucket);
  await note();
  if (!(await change())) return false;
  await note();
  for (const left of before) {
    if (await isUsed(left)) continue;
    await inputBuckets.remove(left, datasetId);
    if (await isUsed(left)) await inputBuckets.add(left, datasetId);
  }
  return true;
}

async function bucketsNow(datasetId: ObjectId, deps: FollowBucketsDeps): Promise<readonly string[]> {
  const dataset = await deps.datasets.get(datasetId);
  return dataset ? reportingBuckets(dataset, await deps.datasources.get(datasetId)) : [];
}
