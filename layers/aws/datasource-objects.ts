import type { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { BucketPrefix } from '#contracts/items';
import type {
  DatasourceObjects,
  DescribedFile,
  FilePage,
  FileVersion,
  PutOptions,
} from '#platform/datasources/datasource-objects';
import type { Datasource } from '#platform/datasources/datasources';
import { partitionOf } from '#platform/datasources/regions';
import { expiryDateIn } from '#platform/given-facts/object-expirations';
import { askDatasource } from './datasource-errors.ts';
import { decodeListedKey, withoutQuotes } from './s3-objects.ts';
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
  datasource: Datasource,
  { client, expiresAt = Number.POSITIVE_INFINITY }: DatasourceClient,
  now: () => number,
): DatasourceObjects {
  const { place, config } = datasource;
  const target = (name: string) => ({ Bucket: place.bucket, Key: place.prefix + name });
  const source = (name: string, { versionId, eTag }: FileVersion = {}) => ({
    ...target(name),
    ...(versionId !== undefined && { VersionId: versionId }),
    ...(versionId === undefined && eTag !== undefined && { IfMatch: `"${eTag}"` }),
  });
  const ask = asker(datasource);
  const encryption = !('s3ServerSideEncryptionKMSKey' in config)
    ? {}
    : { ServerSideEncryption: 'aws:kms' as const, SSEKMSKeyId: config.s3ServerSideEncryptionKMSKey };
  const putOf = (name: string, { contentType, metadata }: PutOptions) => ({
    ...{ ...target(name), ...encryption, ContentType: contentType },
    ...(metadata && { Metadata: { ...metadata } }),
  });
  const sign = (command: GetObjectCommand | HeadObjectCommand | PutObjectCommand, seconds: number) => {
    const expiresIn = Math.max(1, Math.min(seconds, Math.floor((expiresAt - now()) / 1000)));
    return askService({ operation: 'GetCredentials', resource: place.bucket }, () =>
      getSignedUrl(client, command, { expiresIn }),
    );
  };
  return {
    list: (request) => listFiles(client, place, request, ask),
    head: async (name, version) => {
      const command = new HeadObjectCommand(source(name, version));
      const found = await unlessAbsent(ask('s3:GetObject', false, () => client.send(command)));
      return found && described(name, found);
    },
    open: (name, { bytes, ...version } = {}) =>
      openFile(client, { name, bytes, ...source(name, version) }, ask),
    tags: async (name, { versionId } = {}) => {
      const command = new GetObjectTaggingCommand(source(name, { versionId }));
      const found = await unlessAbsent(ask('s3:GetObjectTagging', false, () => client.send(command)));
      return (
        found && Object.fromEntries((found.TagSet ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))
      );
    },
    signRead: (method, name, seconds, version) => {
      const Command = method === 'GET' ? GetObjectCommand : HeadObjectCommand;
      return sign(new Command(source(name, { versionId: version?.versionId })), seconds);
    },
    put: async (name, Body, options) => {
      const command = new PutObjectCommand({ ...putOf(name, options), Body });
      await ask('s3:PutObject', false, () => client.send(command));
    },
    putIfAbsent: async (name, Body, options) => {
      const command = new PutObjectCommand({ ...putOf(name, options), Body, IfNoneMatch: '*' });
      try {
        await ask('s3:PutObject', false, () => client.send(command));
        return true;
      } catch (error) {
        if (statusOf(error) === 412) return false;
        throw error;
      }
    },
    delete: async (name) => {
      await ask('s3:DeleteObject', false, () => client.send(new DeleteObjectCommand(target(name))));
    },
    signWrite: (name, seconds) => sign(new PutObjectCommand({ ...target(name), ...encryption }), seconds),
  };
}

/** Winnow's own buckets are asked like everywhere; what is amiss with them is not the caller's to put right. */
function asker(datasource: Datasource): Ask {
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
  const files = (page.Contents ?? []).map(({ Key = '', Size = 0, LastModified, ETag, StorageClass }) => {
    const key = page.EncodingType === 'url' ? decodeListedKey(Key) : Key;
    return {
      name: key.slice(folder.length),
      size: Size,
      lastModified: LastModified?.getTime() ?? 0,
      eTag: withoutQuotes(ETag),
      ...(ARCHIVES.has(StorageClass ?? '') && { isArchived: true as const }),
    };
  });
  return { files, isLast: page.IsTruncated !== true };
}

/** Storage classes whose objects have to be restored before they can be read. */
const ARCHIVES = new Set<string>(['GLACIER', 'DEEP_ARCHIVE']);

const described = (name: string, found: HeadObjectCommandOutput | GetObjectCommandOutput): DescribedFile => {
  const expiresAt = expiryDateIn(found.Expiration);
  return {
    name,
    size: found.ContentLength ?? 0,
    lastModified: found.LastModified?.getTime() ?? 0,
    eTag: withoutQuotes(found.ETag),
    metadata: found.Metadata ?? {},
    tagCount: found.TagCount ?? 0,
    ...(found.VersionId !== undefined && { versionId: found.VersionId }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
};

async function openFile(
  client: S3Client,
  { name, bytes, ...source }: ReadRequest,
  ask: Ask,
): Promise<(DescribedFile & { readonly body: Readable }) | undefined> {
  const range = bytes === undefined ? {} : { Range: `bytes=0-${bytes - 1}` };
  const get = (part: { Range?: string }) =>
    ask('s3:GetObject', false, () => client.send(new GetObjectCommand({ ...source, ...part })));
  const found = await unlessAbsent(
    get(range).catch((error: unknown) => {
      // An empty object has no first byte.
      if (statusOf(error) === 416) return get({});
      throw error;
    }),
  );
  return found && { ...described(name, found), body: found.Body as Readable };
}

interface ReadRequest {
  readonly name: string;
  readonly bytes: number | undefined;
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string;
  readonly IfMatch?: string;
}

/** 405 is the answer to the version id of a delete marker, 412 to an eTag that is another one by now. */
const ABSENT_STATUSES = new Set([404, 405, 412]);

async function unlessAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (ABSENT_STATUSES.has(statusOf(error) ?? 0) && errorNameOf(error) !== 'NoSuchBucket') return undefined;
    throw error;
  }
}
