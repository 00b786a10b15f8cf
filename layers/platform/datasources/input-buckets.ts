import type { ObjectId } from '#contracts/schema';

/**
 * Which datasets have their images in which bucket, so that an event of a bucket finds them. Entries may be stale: whoever
 * finds one asks the dataset's datasource.
 */
export interface InputBucketStore {
  add(bucket: string, datasetId: ObjectId): Promise<void>;
  remove(bucket: string, datasetId: ObjectId): Promise<void>;
  datasetsIn(bucket: string): Promise<readonly ObjectId[]>;
}
