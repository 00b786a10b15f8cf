import type { DatasetDatasources } from '#contracts/datasources';
import type { Dataset } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import { type Datasource, datasourceOf } from '../datasources.ts';

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
export const sendsEvents = ({ config, access }: Datasource): boolean =>
  (config.type === 'S3' || config.type === 'S3DelegatedAccess') && access.endpoint === undefined;

/** The bucket whose events are for the dataset, where it is not the landing bucket. */
export function reportingBucket(
  dataset: Dataset,
  stored: DatasetDatasources | undefined,
): string | undefined {
  const { config, place } = datasourceOf(dataset, stored, 'INPUT');
  if (config.type !== 'S3' && config.type !== 'S3DelegatedAccess') return undefined;
  return dataset.settings.input.eventBucket ?? place.bucket;
}
