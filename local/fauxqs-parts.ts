/**
 * The parts of fauxqs that its package entry does not export: the stores behind its S3 and SQS, and their database.
 * They are no public interface, so the version is pinned exactly and test/contract/local-*.test.ts runs against it.
 */
export { PersistenceManager } from '../node_modules/fauxqs/dist/persistence.js';
export { S3Store } from '../node_modules/fauxqs/dist/s3/s3Store.js';
export { SnsStore } from '../node_modules/fauxqs/dist/sns/snsStore.js';
export { type SqsQueue, SqsStore } from '../node_modules/fauxqs/dist/sqs/sqsStore.js';

/** An object of {@link S3Store} without its bytes. */
export interface StoredObject {
  readonly key: string;
  readonly contentLength: number;
  /** In quotes. */
  readonly etag: string;
  readonly lastModified: Date;
}
