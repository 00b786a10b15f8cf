import { DeleteObjectsCommand, type S3Client } from '@aws-sdk/client-s3';
import { RetryableError } from '#contracts/errors';
import { askService } from './service-errors.ts';

/** The most that one request takes. */
const KEYS_PER_REQUEST = 1_000;

/** In a versioned bucket each gets a delete marker; its versions stay as long as the bucket keeps them. */
export async function deleteObjects(
  client: S3Client,
  bucket: string,
  keys: readonly string[],
): Promise<void> {
  for (let at = 0; at < keys.length; at += KEYS_PER_REQUEST) {
    const Objects = keys.slice(at, at + KEYS_PER_REQUEST).map((Key) => ({ Key }));
    const request = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } });
    const { Errors = [] } = await askService({ operation: 'DeleteObjects', resource: bucket }, () =>
      client.send(request),
    );
    if (Errors.length === 0) continue;
    const codes = [...new Set(Errors.map(({ Code }) => Code))].join(', ');
    throw new RetryableError('OBJECTS_NOT_DELETED', `${Errors.length} objects are still there: ${codes}.`);
  }
}
