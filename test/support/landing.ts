import {
  DeleteObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { S3EventRecord } from 'aws-lambda';

export type ObjectEventRecord = Pick<S3EventRecord, 'eventName'> & { s3: object };

/**
 * Changes objects of a bucket as a user does and returns, for each change, the record that S3 sends of it. Each
 * record has a greater sequencer than the one before.
 */
export function landing(s3: S3Client, bucket: string) {
  let changes = 0;
  const record = (eventName: string, key: string, object: object): ObjectEventRecord => {
    changes += 1;
    const sequencer = `0055AED6DCD9${changes.toString(16).padStart(4, '0').toUpperCase()}`;
    const encodedKey = encodeURIComponent(key).replaceAll('%20', '+').replaceAll('%2F', '/');
    return { eventName, s3: { bucket: { name: bucket }, object: { key: encodedKey, sequencer, ...object } } };
  };
  return {
    bucket,
    put: async (
      key: string,
      body: Uint8Array,
      options: Partial<PutObjectCommandInput> = {},
    ): Promise<ObjectEventRecord> => {
      const put = new PutObjectCommand({ ...options, Bucket: bucket, Key: key, Body: body });
      const { ETag = '', VersionId: versionId } = await s3.send(put);
      const eTag = ETag.replaceAll('"', '');
      return record('ObjectCreated:Put', key, { size: body.length, eTag, ...(versionId && { versionId }) });
    },
    remove: async (key: string): Promise<ObjectEventRecord> => {
      await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
      return record('ObjectRemoved:Delete', key, {});
    },
    /** The record of a removal that did not take the current object away: an old version was deleted. */
    removeOldVersion: (key: string): ObjectEventRecord =>
      record('ObjectRemoved:Delete', key, { versionId: 'a-version-of-long-ago' }),
  };
}
export const messageOf = (...records: ObjectEventRecord[]): string => JSON.stringify({ Records: records });
