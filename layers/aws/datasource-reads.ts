import type { Readable } from 'node:stream';
import {
  GetObjectCommand,
  type GetObjectCommandOutput,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  type _Object as ListedObject,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
} from '@aws-sdk/client-s3';
import type {
  DatasourceFile,
  DescribedFile,
  FileVersion,
  ReadableDatasource,
} from '#platform/datasources/datasource-objects';
import { expiryDateIn } from '#platform/given-facts/object-expirations';
import { isGone, readingWhatIsThere, versionToSign } from './datasource-absence.ts';
import { isBucketGone } from './datasource-errors.ts';
import type { DatasourceRequests } from './datasource-requests.ts';
import { decodeListedKey, withoutQuotes } from './s3-objects.ts';
import { errorNameOf, statusOf } from './service-errors.ts';

/** The files of a datasource in S3, to be read. @param now ms */
export function s3Reads(requests: DatasourceRequests, now: () => number): ReadableDatasource {
  const open: ReadableDatasource['open'] = (name, options) => openFile(requests, name, options, now);
  return {
    list: (request) => listFiles(requests, request, now),
    head: (name, version) => headFile(requests, name, version, { open, now }),
    open,
    tags: (name, version) => tagsOf(requests, name, version),
    signRead: async (method, name, seconds, version) => {
      const Command = method === 'GET' ? GetObjectCommand : HeadObjectCommand;
      const versionId = await versionToSign(requests, name, version?.versionId);
      const source = sourceOf(requests, name, { versionId });
      return requests.sign(new Command(source), seconds);
    },
  };
}

const sourceOf = (
  requests: DatasourceRequests,
  name: string,
  { versionId, eTag }: FileVersion | undefined = {},
) => ({
  ...requests.target(name),
  ...(versionId !== undefined && { VersionId: versionId }),
  ...(versionId === undefined && eTag !== undefined && { IfMatch: `"${eTag}"` }),
});

async function listFiles(
  { datasource, ask, terms, isAws }: DatasourceRequests,
  { prefix, after, limit }: Parameters<ReadableDatasource['list']>[0],
  now: () => number,
) {
  const { bucket, prefix: folder } = datasource.place;
  const request = new ListObjectsV2Command({
    ...{ Bucket: bucket, Prefix: folder + prefix, MaxKeys: limit, ...terms },
    // A key may hold characters that XML can't.
    EncodingType: 'url',
    ...(isAws && { OptionalObjectAttributes: ['RestoreStatus'] }),
    ...(after !== undefined && { StartAfter: folder + after }),
  });
  return ask('s3:ListBucket', async (client) => filesOn(await client.send(request), folder, now()));
}

function filesOn(page: ListObjectsV2CommandOutput, folder: string, now: number) {
  const files = (page.Contents ?? []).map((listed): DatasourceFile => {
    const { Key = '', Size = 0, LastModified, ETag } = listed;
    const key = page.EncodingType === 'url' ? decodeListedKey(Key) : Key;
    return {
      name: key.slice(folder.length),
      size: Size,
      lastModified: LastModified?.getTime() ?? 0,
      eTag: withoutQuotes(ETag),
      ...(isArchivedInListing(listed, now) && { isArchived: true as const }),
    };
  });
  return { files, isLast: page.IsTruncated !== true };
}

/** Storage classes whose objects have to be restored before they can be read. */
const ARCHIVES = new Set<string>(['GLACIER', 'DEEP_ARCHIVE']);

/** The archive tiers of INTELLIGENT_TIERING don't show in a listing. */
function isArchivedInListing({ StorageClass, RestoreStatus }: ListedObject, now: number): boolean {
  if (!ARCHIVES.has(StorageClass ?? '')) return false;
  return !(Number(RestoreStatus?.RestoreExpiryDate) > now) || RestoreStatus?.IsRestoreInProgress === true;
}

type Found = HeadObjectCommandOutput | GetObjectCommandOutput;

/** As the header `x-amz-restore` has it: `ongoing-request="false", expiry-date="Fri, 21 Dec 2012 00:00:00 GMT"`. */
function isArchived(found: Found, now: number): boolean {
  if ('ArchiveStatus' in found && found.ArchiveStatus !== undefined) return true;
  if (!ARCHIVES.has(found.StorageClass ?? '')) return false;
  const [, until = ''] = /expiry-date="([^"]+)"/.exec(found.Restore ?? '') ?? [];
  return !(Date.parse(until) > now);
}

function described(name: string, found: Found, now: number): DescribedFile {
  const expiresAt = expiryDateIn(found.Expiration);
  const [, whole] = /\/(\d+)$/.exec(found.ContentRange ?? '') ?? [];
  return {
    name,
    size: whole === undefined ? (found.ContentLength ?? 0) : Number(whole),
    lastModified: found.LastModified?.getTime() ?? 0,
    eTag: withoutQuotes(found.ETag),
    metadata: found.Metadata ?? {},
    tagCount: found.TagCount ?? 0,
    ...(found.VersionId !== undefined && { versionId: found.VersionId }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(isArchived(found, now) && { isArchived: true as const }),
  };
}

/** An answer to HEAD has no body that says why something is refused: the first byte is asked for then. */
async function headFile(
  requests: DatasourceRequests,
  name: string,
  version: FileVersion | undefined,
  { open, now }: { readonly open: ReadableDatasource['open']; readonly now: () => number },
): Promise<DescribedFile | undefined> {
  const command = new HeadObjectCommand(sourceOf(requests, name, version));
  const found = await requests
    .tryOut((client) => client.send(command))
    .catch((error: unknown) => {
      const status = statusOf(error) ?? 500;
      return status < 500 ? undefined : Promise.reject(error);
    })
    .catch(async (error: unknown) => Promise.reject(await requests.refusal('s3:GetObject', error)));
  if (found) return described(name, found, now());
  const opened = await open(name, { ...version, bytes: 1 });
  if (!opened) return undefined;
  const { body, ...file } = opened;
  body.destroy();
  return file;
}

async function openFile(
  requests: DatasourceRequests,
  name: string,
  options: Parameters<ReadableDatasource['open']>[1],
  now: () => number,
): Promise<(DescribedFile & { readonly body: Readable }) | undefined> {
  const { bytes, isAbsent = false, ...version } = options ?? {};
  const range = bytes === undefined ? {} : { Range: `bytes=0-${bytes - 1}` };
  const found = await readingWhatIsThere(requests, { name, version, isAbsent }, (wanted) => {
    const source = sourceOf(requests, name, wanted);
    const get = (part: { Range?: string }) =>
      requests.ask('s3:GetObject', (client) =>
        client
          .send(new GetObjectCommand({ ...source, ...part }))
          .catch((error: unknown) =>
            wanted.versionId !== undefined && isForeignVersion(error) ? undefined : Promise.reject(error),
          ),
      );
    return unlessAbsent(
      get(range).catch((error: unknown) => {
        // An empty object has no first byte.
        if (statusOf(error) === 416) return get({});
        throw error;
      }),
    );
  });
  return found && { ...described(name, found, now()), body: found.Body as Readable };
}

/** What stores answer that speak S3's protocol and have no tags. */
const NO_TAGS = new Set(['NotImplemented', 'MethodNotAllowed', 'NoSuchTagSet']);

async function tagsOf(
  requests: DatasourceRequests,
  name: string,
  version: FileVersion | undefined,
): Promise<Readonly<Record<string, string>> | undefined> {
  const tagging = (versionId: string | undefined) =>
    requests.tryOut((client) =>
      client.send(new GetObjectTaggingCommand(sourceOf(requests, name, { versionId }))),
    );
  const versionId = version?.versionId;
  const found = await tagging(versionId)
    .catch((error: unknown) => {
      // Who may not read those of versions may read those of the newest.
      if (versionId === undefined || statusOf(error) !== 403) throw error;
      return tagging(undefined).catch(() => Promise.reject(error));
    })
    .catch(async (error: unknown) => {
      if (isAbsent(error) || NO_TAGS.has(errorNameOf(error) ?? '')) return undefined;
      const refusal = await requests.refusal('s3:GetObjectTagging', error);
      // As of reading: what is gone is denied too.
      if (statusOf(error) === 403 && (await isGone(requests, name, error))) return undefined;
      throw refusal;
    });
  return found && Object.fromEntries((found.TagSet ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}

/** 405 is the answer to the version id of a delete marker, 412 to an eTag that is another one by now. */
const ABSENT_STATUSES = new Set([404, 405, 412]);

const isAbsent = (error: unknown): boolean =>
  ABSENT_STATUSES.has(statusOf(error) ?? 0) && !isBucketGone(error);

/** The id of a version that another bucket of this name had is none here. */
const isForeignVersion = (error: unknown): boolean =>
  statusOf(error) === 400 && errorNameOf(error) === 'InvalidArgument';

async function unlessAbsent<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
