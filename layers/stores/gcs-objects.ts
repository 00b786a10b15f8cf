import { once } from 'node:events';
import { Readable } from 'node:stream';
import type { Bucket, File, FileMetadata, StorageOptions } from '@google-cloud/storage';
import type { DatasourceConfigOf } from '#contracts/datasources';
import type {
  DatasourceFile,
  DescribedFile,
  FileVersion,
  PutOptions,
  ReadableDatasource,
  WritableDatasource,
} from '#platform/datasources/datasource-objects';
import type { Datasource } from '#platform/datasources/datasources';
import { STORE_TRAITS } from '#platform/datasources/store-traits';
import { gcsFailure, serviceAccountOf } from './gcs-account.ts';
import { askStore, askStoreForAll, statusInError } from './store-errors.ts';

export type GcsDatasource = Datasource & { readonly config: DatasourceConfigOf<'GCS'> };

const { actions } = STORE_TRAITS.GCS;
/** Google's longest page. */
const LONGEST_PAGE = 1_000;
/** Tries after the first one, and how long (seconds) they may take together. */
const RETRIES = { maxRetries: 4, totalTimeout: 60 };

/** A datasource in Google Cloud Storage. */
interface Opened {
  readonly bucket: Bucket;
  /** Of the datasource, at the beginning of every name. */
  readonly folder: string;
  request(action: string): { readonly action: string; readonly resource: string; readonly holder: string };
}

/**
 * The files of a datasource, to be written too where its use is LIGHTLY, in Google Cloud Storage. A generation, which is
 * unlike every other one of the same name, is both version and eTag.
 *
 * @param server where it is. @default as its client finds it
 * @throws DatasourceError where the credentials are not those of a service account
 */
export async function gcsDatasource(
  datasource: GcsDatasource,
  server: StorageOptions = {},
): Promise<ReadableDatasource | WritableDatasource> {
  const { place, config, access } = datasource;
  const credentials = serviceAccountOf(config);
  // Most functions never see such a datasource, and its client weighs as much as all of S3's.
  const { Storage } = await import('@google-cloud/storage');
  const storage = new Storage({ projectId: config.gcsProjectId, retryOptions: RETRIES, ...server });
  // As an option of the constructor they are deprecated, with a warning in every log.
  storage.authClient.jsonContent = { type: 'service_account', ...credentials };
  const opened: Opened = {
    bucket: storage.bucket(place.bucket, {
      ...(access.requesterPays && { userProject: config.gcsProjectId }),
    }),
    folder: place.prefix,
    request: (action) => ({
      action,
      resource: `gs://${place.bucket}/${place.prefix}`,
      holder: `the service account ${credentials.client_email}`,
    }),
  };
  return datasource.use === 'LIGHTLY' ? { ...reading(opened), ...writing(opened) } : reading(opened);
}

function reading(opened: Opened): ReadableDatasource {
  const { bucket, folder, request } = opened;
  return {
    list: (asked) => list(opened, asked),
    head: async (name, version) => (await find(opened, name, version))?.described,
    open: (name, { bytes, ...version } = {}) => open(opened, name, { bytes, version }),
    // Google's objects have metadata and no tags.
    tags: async () => undefined,
    signRead: async (method, name, seconds, version) => {
      const generation = version?.versionId;
      const file = bucket.file(folder + name);
      const signed = {
        ...{ version: 'v4' as const, expires: Date.now() + seconds * 1000 },
        ...(generation !== undefined && { queryParams: { generation } }),
      };
      return askStoreForAll(request(actions.read), gcsFailure, async () => {
        const [url] = await file.getSignedUrl({ ...signed, action: 'read' });
        // A signature is for one method. The client knows no action for HEAD; what it signs with, which is there by now, does.
        const forHead = { ...signed, method: 'HEAD' as 'GET' };
        return method === 'GET' ? url : ((await file.signer?.getSignedUrl(forHead)) ?? url);
      });
    },
  };
}

function writing({ bucket, folder, request }: Opened): Omit<WritableDatasource, keyof ReadableDatasource> {
  const save = (name: string, body: Uint8Array | string, options: PutOptions, ifGenerationMatch?: number) =>
    bucket.file(folder + name).save(typeof body === 'string' ? body : Buffer.from(body), {
      ...{ resumable: false, validation: 'md5', contentType: options.contentType },
      metadata: { metadata: { ...options.metadata } },
      ...(ifGenerationMatch !== undefined && { preconditionOpts: { ifGenerationMatch } }),
    });
  return {
    put: async (name, body, options) => {
      await askStoreForAll(request(actions.write), gcsFailure, () => save(name, body, options));
    },
    putIfAbsent: async (name, body, options) =>
      (
        await askStoreForAll(request(actions.write), gcsFailure, async () => {
          try {
            await save(name, body, options, 0);
            return { isWritten: true };
          } catch (error) {
            if (statusInError(error) === 412) return { isWritten: false };
            throw error;
          }
        })
      ).isWritten,
    delete: async (name) => {
      await askStore({ ...request(actions.delete), isOfContainer: false }, gcsFailure, () =>
        bucket.file(folder + name).delete(),
      );
    },
    signWrite: async (name, seconds) => {
      const [url] = await askStoreForAll(request(actions.write), gcsFailure, () =>
        bucket
          .file(folder + name)
          .getSignedUrl({ version: 'v4', action: 'write', expires: Date.now() + seconds * 1000 }),
      );
      return url;
    },
  };
}

/** Google lists from a name on, so the first one may be the one that was last. */
async function list(
  { bucket, folder, request }: Opened,
  { prefix, after, limit }: Parameters<ReadableDatasource['list']>[0],
) {
  const maxResults = Math.min(LONGEST_PAGE, limit + (after === undefined ? 0 : 1));
  let pageToken: string | undefined;
  do {
    const [files, next] = await askStoreForAll(request(actions.list), gcsFailure, () =>
      bucket.getFiles({
        ...{ prefix: folder + prefix, maxResults, autoPaginate: false },
        ...(after !== undefined && { startOffset: folder + after }),
        ...(pageToken !== undefined && { pageToken }),
      }),
    );
    pageToken = (next as { readonly pageToken?: string } | null | undefined)?.pageToken;
    const found = files
      .filter(({ name }) => name !== folder + (after ?? '') || after === undefined)
      .map(({ name, metadata }) => listed(name.slice(folder.length), metadata));
    // Google may answer with nothing and a place to go on from.
    if (found.length > 0 || pageToken === undefined) {
      return { files: found.slice(0, limit), isLast: pageToken === undefined && found.length <= limit };
    }
  } while (pageToken !== undefined);
  return { files: [], isLast: true };
}

const listed = (name: string, { size, timeCreated, updated, generation }: FileMetadata): DatasourceFile => ({
  name,
  size: Number(size ?? 0),
  // When this content was made; `updated` changes with its metadata as well.
  lastModified: Date.parse(timeCreated ?? updated ?? '') || 0,
  eTag: String(generation ?? ''),
});

const described = (name: string, metadata: FileMetadata): DescribedFile => ({
  ...listed(name, metadata),
  versionId: String(metadata.generation ?? ''),
  metadata: Object.fromEntries(
    Object.entries(metadata.metadata ?? {}).map(([key, value]) => [key.toLowerCase(), String(value ?? '')]),
  ),
  tagCount: 0,
});

async function find({ bucket, folder, request }: Opened, name: string, version: FileVersion = {}) {
  const { versionId, eTag } = version;
  const file = bucket.file(folder + name, versionId === undefined ? {} : { generation: versionId });
  const answer = await askStore({ ...request(actions.read), isOfContainer: false }, gcsFailure, () =>
    file.getMetadata(),
  );
  if (!answer) return undefined;
  const found = described(name, answer[0]);
  return versionId === undefined && eTag !== undefined && found.eTag !== eTag
    ? undefined
    : { described: found };
}

async function open(
  opened: Opened,
  name: string,
  { bytes, version }: { readonly bytes: number | undefined; readonly version: FileVersion },
): Promise<(DescribedFile & { readonly body: Readable }) | undefined> {
  const found = (await find(opened, name, version))?.described;
  if (!found) return undefined;
  const { bucket, folder, request } = opened;
  const file = bucket.file(folder + name, { generation: found.eTag });
  const body = await askStore({ ...request(actions.read), isOfContainer: false }, gcsFailure, () =>
    started(file, bytes === undefined || found.size === 0 ? undefined : bytes),
  );
  return body && { ...found, body };
}

/**
 * The content, once the server has begun to send it: what it refuses is thrown here and not somewhere in a pipeline. A part
 * is read as a whole: where a stream of the client is destroyed, so is its connection, which another request may have by then.
 */
async function started(file: File, bytes: number | undefined): Promise<Readable> {
  const raw = { validation: false, decompress: false } as const;
  if (bytes !== undefined) {
    const [part] = await file.download({ ...raw, start: 0, end: bytes - 1 });
    return Readable.from([part], { objectMode: false });
  }
  const body = file.createReadStream(raw);
  const answered = once(body, 'response');
  body.read(0);
  await answered;
  return body;
}
