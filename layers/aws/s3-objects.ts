import type { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { NotFoundError, RetryableError } from '#contracts/errors';
import type {
  ListedObject,
  ObjectDescription,
  ObjectReference,
  ObjectStore,
  WritableObjectStore,
  WriteOptions,
} from '#platform/objects/objects';
import { newS3Client } from './clients.ts';
import { deleteObjects } from './s3-deletion.ts';
import { askService, errorNameOf, statusOf } from './service-errors.ts';

/** S3 takes up to 10,000 parts, which is 80 GB of this size. */
const PART_BYTES = 8 * 1024 * 1024;
/** Parts in memory at a time. */
const CONCURRENT_PARTS = 2;

/** Objects in S3. User metadata travels in HTTP headers, so its values have to be ASCII. */
export function objectStore(client: S3Client = newS3Client()): WritableObjectStore {
  const head: ObjectStore['head'] = (reference) => headObject(client, reference);
  return {
    open: (reference, condition) => openObject(client, reference, condition?.eTag),
    head,
    list: (bucket, prefix) => listObjects(client, bucket, prefix),
    listFolders: (bucket) => listFolders(client, bucket),
    put: async (reference, body, options) => {
      const request = new PutObjectCommand({ ...target(reference, options), Body: body });
      await askBucket('PutObject', reference, () => client.send(request));
    },
    putIfAbsent: async (reference, body, options) => {
      const request = new PutObjectCommand({ ...target(reference, options), Body: body, IfNoneMatch: '*' });
      try {
        await askBucket('PutObject', reference, () => client.send(request));
        return true;
      } catch (error) {
        if (statusOf(error) === 412) return false;
        // Another write of this key was under way, and whether it stays is not told.
        if (statusOf(error) === 409) return lostAgainstAnotherWrite(error, await head(reference));
        throw error;
      }
    },
    putStream: (reference, body, options) => uploadStream(client, reference, body, options),
    copy: (from, to, options) => copyObject(client, from, to, options),
    delete: (bucket, keys) => deleteObjects(client, bucket, keys),
  };
}

const askBucket = <T>(operation: string, { bucket }: ObjectReference, ask: () => Promise<T>): Promise<T> =>
  askService({ operation, resource: bucket }, ask);

const source = ({ bucket, key, versionId }: ObjectReference) => ({
  Bucket: bucket,
  Key: key,
  ...(versionId !== undefined && { VersionId: versionId }),
});

const target = ({ bucket, key }: ObjectReference, { contentType, metadata }: WriteOptions) => ({
  Bucket: bucket,
  Key: key,
  ContentType: contentType,
  ...(metadata && { Metadata: { ...metadata } }),
});

async function openObject(client: S3Client, reference: ObjectReference, eTag: string | undefined) {
  const request = new GetObjectCommand({
    ...source(reference),
    ...(eTag !== undefined && { IfMatch: `"${eTag}"` }),
  });
  const found = await unlessAbsent(askBucket('GetObject', reference, () => client.send(request)));
  return found && { ...describe(found), body: found.Body as Readable };
}

async function headObject(client: S3Client, reference: ObjectReference) {
  const request = new HeadObjectCommand(source(reference));
  const found = await unlessAbsent(askBucket('HeadObject', reference, () => client.send(request)));
  return found && describe(found);
}

/** 405 is the answer to the version id of a delete marker, 412 to an eTag that is another one by now. */
const ABSENT_STATUSES = new Set([404, 405, 412]);

/** A bucket that is missing is a mistake of the configuration: it must not look like a bucket that is empty. */
async function unlessAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (ABSENT_STATUSES.has(statusOf(error) ?? 0) && errorNameOf(error) !== 'NoSuchBucket') return undefined;
    throw error;
  }
}

export const withoutQuotes = (eTag: string | undefined): string => (eTag ?? '').replaceAll('"', '');

function describe(found: GetObjectCommandOutput | HeadObjectCommandOutput): ObjectDescription {
  return {
    eTag: withoutQuotes(found.ETag),
    size: found.ContentLength ?? 0,
    lastModified: found.LastModified?.getTime() ?? 0,
    metadata: found.Metadata ?? {},
    ...(found.VersionId !== undefined && { versionId: found.VersionId }),
  };
}

async function* listObjects(client: S3Client, bucket: string, prefix: string): AsyncGenerator<ListedObject> {
  for await (const page of listedPages(client, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key = '', ETag, Size = 0, LastModified } of page.Contents ?? []) {
      const key = page.EncodingType === 'url' ? decodeListedKey(Key) : Key;
      yield { key, eTag: withoutQuotes(ETag), size: Size, lastModified: LastModified?.getTime() ?? 0 };
    }
  }
}

async function* listFolders(client: S3Client, bucket: string): AsyncGenerator<string> {
  for await (const page of listedPages(client, { Bucket: bucket, Delimiter: '/' })) {
    for (const { Prefix = '' } of page.CommonPrefixes ?? []) {
      yield page.EncodingType === 'url' ? decodeListedKey(Prefix) : Prefix;
    }
  }
}

async function* listedPages(
  client: S3Client,
  request: ListObjectsV2CommandInput & { readonly Bucket: string },
): AsyncGenerator<ListObjectsV2CommandOutput> {
  let token: string | undefined;
  do {
    const next = new ListObjectsV2Command({
      ...request,
      // A key may hold characters that XML can't.
      EncodingType: 'url',
      ...(token !== undefined && { ContinuationToken: token }),
    });
    const page = await askService({ operation: 'ListObjectsV2', resource: request.Bucket }, () =>
      client.send(next),
    );
    yield page;
    token = page.NextContinuationToken;
  } while (token !== undefined);
}

/** S3 writes a space as `+` here, as it does in events. */
export const decodeListedKey = (key: string): string => decodeURIComponent(key.replaceAll('+', ' '));

function lostAgainstAnotherWrite(cause: unknown, found: ObjectDescription | undefined): false {
  if (found) return false;
  throw new RetryableError('CONTENDED', 'Another write of the same key was under way.', { cause });
}

/** Parts are made visible together at the end; those of an upload that failed are removed. */
async function uploadStream(
  client: S3Client,
  reference: ObjectReference,
  body: Readable,
  options: WriteOptions,
): Promise<void> {
  const upload = new Upload({
    client,
    params: { ...target(reference, options), Body: body },
    partSize: PART_BYTES,
    queueSize: CONCURRENT_PARTS,
  });
  await askBucket('Upload', reference, () => upload.done());
}

async function copyObject(
  client: S3Client,
  from: ObjectReference,
  to: ObjectReference,
  options: WriteOptions,
): Promise<void> {
  const request = new CopyObjectCommand({
    ...target(to, options),
    CopySource: copySource(from),
    MetadataDirective: 'REPLACE',
  });
  try {
    await askBucket('CopyObject', to, () => client.send(request));
  } catch (error) {
    if (errorNameOf(error) !== 'NoSuchKey' && errorNameOf(error) !== 'NoSuchVersion') throw error;
    throw new NotFoundError(`object in bucket '${from.bucket}'`, from.key);
  }
}

/** S3 decodes this header; the slashes between the parts of a key may stand. */
function copySource({ bucket, key, versionId }: ObjectReference): string {
  const encodedKey = key.split('/').map(encodeURIComponent).join('/');
  return `${bucket}/${encodedKey}${versionId === undefined ? '' : `?versionId=${encodeURIComponent(versionId)}`}`;
}
