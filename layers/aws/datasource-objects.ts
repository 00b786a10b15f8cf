import type { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { BucketPrefix } from '#contracts/items';
import type { DatasourceFile, DatasourceObjects, FilePage } from '#platform/datasources/datasource-objects';
import type { Datasource } from '#platform/datasources/datasources';
import { askDatasource } from './datasource-errors.ts';
import { partitionOf } from './regions.ts';
import { decodeListedKey } from './s3-objects.ts';
import { askService, errorNameOf, statusOf } from './service-errors.ts';

/** What the objects of a datasource are reached with. */
export interface DatasourceClient {
  readonly client: S3Client;
  /** When its credentials end (ms), where they do. */
  readonly expiresAt?: number;
}

type Ask = <T>(action: string, onBucket: boolean, ask: () => Promise<T>) => Promise<T>;

/** The files of a datasource in S3. @param now ms */
export function s3DatasourceObjects(
  datasource: Datasource & { readonly place: BucketPrefix },
  { client, expiresAt = Number.POSITIVE_INFINITY }: DatasourceClient,
  now: () => number,
): DatasourceObjects {
  const { place, config } = datasource;
  const target = (name: string) => ({ Bucket: place.bucket, Key: place.prefix + name });
  const ask = asker(datasource);
  const encryption = !('s3ServerSideEncryptionKMSKey' in config)
    ? {}
    : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: config.s3ServerSideEncryptionKMSKey };
  const commandOf = {
    GET: (name: string) => new GetObjectCommand(target(name)),
    HEAD: (name: string) => new HeadObjectCommand(target(name)),
    PUT: (name: string) => new PutObjectCommand({ ...target(name), ...encryption }),
  };
  return {
    list: (request) => listFiles(client, place, request, ask),
    head: async (name) => {
      const found = await unlessAbsent(ask('s3:GetObject', false, () => client.send(commandOf.HEAD(name))));
      return found && fileOf(name, found.ContentLength, found.LastModified);
    },
    open: (name, bytes) => openFile(client, target(name), bytes, ask),
    put: async (name, Body, ContentType) => {
      const put = new PutObjectCommand({ ...target(name), ...encryption, Body, ContentType });
      await ask('s3:PutObject', false, () => client.send(put));
    },
    delete: async (name) => {
      await ask('s3:DeleteObject', false, () => client.send(new DeleteObjectCommand(target(name))));
    },
    sign: (method, name, seconds) => {
      const expiresIn = Math.max(1, Math.min(seconds, Math.floor((expiresAt - now()) / 1000)));
      const sign = () => getSignedUrl(client, commandOf[method](name), { expiresIn });
      return askService({ operation: 'GetCredentials', resource: place.bucket }, sign);
    },
  };
}

/** Winnow's own buckets are asked like everywhere; what is amiss with them is not the caller's to put right. */
function asker(datasource: Datasource & { readonly place: BucketPrefix }): Ask {
  const { config, place } = datasource;
  if (config.type === 'LIGHTLY') {
    return (operation, _, ask) => askService({ operation, resource: place.bucket }, ask);
  }
  const partition = 's3Region' in config ? partitionOf(config.s3Region) : 'aws';
  const bucketArn = `arn:${partition}:s3:::${place.bucket}`;
  return (action, onBucket, ask) =>
    askDatasource(
      datasource,
      { action, resource: onBucket ? bucketArn : `${bucketArn}/${place.prefix}*` },
      ask,
    );
}

async function listFiles(
  client: S3Client,
  { bucket, prefix: folder }: BucketPrefix,
  { prefix, after, limit }: Parameters<DatasourceObjects['list']>[0],
  ask: Ask,
): Promise<FilePage> {
  const request = new ListObjectsV2Command({
    Bucket: bucket,
    Prefix: folder + prefix,
    MaxKeys: limit,
    // A key may hold characters that XML can't.
    EncodingType: 'url',
    ...(after !== undefined && { StartAfter: folder + after }),
  });
  const page = await ask('s3:ListBucket', true, () => client.send(request));
  const files = (page.Contents ?? []).map(({ Key = '', Size, LastModified }) => {
    const key = page.EncodingType === 'url' ? decodeListedKey(Key) : Key;
    return fileOf(key.slice(folder.length), Size, LastModified);
  });
  return { files, isLast: page.IsTruncated !== true };
}

const fileOf = (name: string, size = 0, lastModified?: Date): DatasourceFile => ({
  name,
  size,
  lastModified: lastModified?.getTime() ?? 0,
});

async function openFile(
  client: S3Client,
  target: { readonly Bucket: string; readonly Key: string },
  bytes: number | undefined,
  ask: Ask,
): Promise<Readable | undefined> {
  const range = bytes === undefined ? {} : { Range: `bytes=0-${bytes - 1}` };
  const get = (part: { Range?: string }) =>
    ask('s3:GetObject', false, () => client.send(new GetObjectCommand({ ...target, ...part })));
  const found = await unlessAbsent(
    get(range).catch((error: unknown) => {
      // An empty object has no first byte.
      if (statusOf(error) === 416) return get({});
      throw error;
    }),
  );
  return found?.Body as Readable | undefined;
}

async function unlessAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (statusOf(error) === 404 && errorNameOf(error) !== 'NoSuchBucket') return undefined;
    throw error;
  }
}
