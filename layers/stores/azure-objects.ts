import { Readable } from 'node:stream';
import type {
  BlobDownloadResponseParsed,
  BlobGetPropertiesResponse,
  BlobItem,
  ContainerClient,
  StorageRetryOptions,
} from '@azure/storage-blob';
import type { DatasourceConfigOf } from '#contracts/datasources';
import { DatasourceError } from '#contracts/errors';
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
import {
  askStore,
  askStoreForAll,
  failureOfNetwork,
  failureOfStatus,
  type StoreFailure,
  type StoreRequest,
  statusInError,
} from './store-errors.ts';

export type AzureDatasource = Datasource & { readonly config: DatasourceConfigOf<'AZURE'> };
type AzureSdk = typeof import('@azure/storage-blob');

const { actions } = STORE_TRAITS.AZURE;
const ACCOUNT_NAME = /^[a-z0-9]{3,24}$/;
/** The first try and four more, within the time that one request may take (ms). */
const RETRIES = { maxTries: 5, tryTimeoutInMs: 60_000, retryDelayInMs: 200, maxRetryDelayInMs: 4_000 };
/** Azure's longest page is five times as long; this one is that of the other stores. */
const LONGEST_PAGE = 1_000;

export interface AzureServer {
  /** URL of the accounts, without a slash at the end. */
  readonly endpoint?: string;
  readonly retryOptions?: StorageRetryOptions;
}

interface Opened {
  readonly sdk: AzureSdk;
  readonly container: ContainerClient;
  /** Of the datasource, at the beginning of every name. */
  readonly folder: string;
  request(action: string): StoreRequest;
}

/**
 * The files of a datasource, to be written too where its use is LIGHTLY, in Azure Blob Storage.
 *
 * @param server where it is. @default the one of Azure
 * @throws DatasourceError where the name of the account can't be one
 */
export async function azureDatasource(
  datasource: AzureDatasource,
  server: AzureServer = {},
): Promise<ReadableDatasource | WritableDatasource> {
  const { place } = datasource;
  const { accountName, accountKey } = datasource.config;
  const url = server.endpoint ?? `https://${accountName}.blob.core.windows.net`;
  const resource = `${url}/${place.bucket}/${place.prefix}`;
  if (!ACCOUNT_NAME.test(accountName)) {
    throw new DatasourceError(
      'accountName of the datasource is not the name of a storage account: expected 3 to 24 small letters and digits.',
      { code: 'MISCONFIGURED', scope: 'datasource', action: 'connect', resource: place.bucket },
    );
  }
  // Most functions never see such a datasource.
  const sdk = await import('@azure/storage-blob');
  const credential = new sdk.StorageSharedKeyCredential(accountName, accountKey);
  const service = new sdk.BlobServiceClient(url, credential, {
    retryOptions: { ...RETRIES, ...server.retryOptions },
  });
  const opened: Opened = {
    sdk,
    container: service.getContainerClient(place.bucket),
    folder: place.prefix,
    request: (action) => ({ action, resource, holder: `the key of the account ${accountName}` }),
  };
  return datasource.use === 'LIGHTLY' ? { ...reading(opened), ...writing(opened) } : reading(opened);
}

/** What an error of Azure's client says. */
function azureFailure(error: unknown): StoreFailure | undefined {
  const { code } = (error ?? {}) as { readonly code?: string };
  if (code === 'ContainerNotFound' || code === 'ContainerBeingDeleted') return 'no container';
  if (code === 'AuthenticationFailed' || code === 'InvalidAuthenticationInfo') return 'credentials';
  if (code === 'BlobArchived' || code === 'BlobBeingRehydrated') return 'archived';
  return failureOfStatus(statusInError(error)) ?? failureOfNetwork(error);
}

function reading(opened: Opened): ReadableDatasource {
  const { request } = opened;
  const ofBlob = (action: string) => ({ ...request(action), isOfContainer: false });
  return {
    list: (asked) => list(opened, asked),
    head: async (name, version) => {
      const blob = blobOf(opened, name, version);
      const found = await askStore(ofBlob('Get Blob Properties'), azureFailure, () =>
        blob.getProperties({ conditions: conditionsOf(version) }),
      );
      return found && described(name, found, found.contentLength ?? 0);
    },
    open: async (name, { bytes, ...version } = {}) => {
      const blob = blobOf(opened, name, version);
      const download = (count?: number) => blob.download(0, count, { conditions: conditionsOf(version) });
      const found = await askStore(ofBlob(actions.read), azureFailure, () =>
        download(bytes).catch((error: unknown) => {
          // An empty blob has no first byte.
          if (statusInError(error) === 416) return download();
          throw error;
        }),
      );
      if (!found) return undefined;
      const whole = Number(found.contentRange?.split('/')[1] ?? found.contentLength ?? 0);
      const body = (found.readableStreamBody ?? Readable.from([])) as Readable;
      return { ...described(name, found, whole), body };
    },
    tags: async (name, version) =>
      (await askStore(ofBlob('Get Blob Tags'), azureFailure, () => blobOf(opened, name, version).getTags()))
        ?.tags,
    signRead: (_, name, seconds, version) => sign(opened, 'r', { name, seconds, version }),
  };
}

function writing(opened: Opened): Omit<WritableDatasource, keyof ReadableDatasource> {
  const { container, folder, request } = opened;
  const upload = (name: string, body: Uint8Array | string, options: PutOptions, ifNoneMatch?: string) => {
    const bytes = Buffer.from(body);
    return container.getBlockBlobClient(folder + name).upload(bytes, bytes.length, {
      blobHTTPHeaders: { blobContentType: options.contentType },
      ...(options.metadata && { metadata: { ...options.metadata } }),
      ...(ifNoneMatch !== undefined && { conditions: { ifNoneMatch } }),
    });
  };
  const tried = async (asked: Promise<unknown>): Promise<{ readonly isWritten: boolean }> => {
    try {
      await asked;
      return { isWritten: true };
    } catch (error) {
      if (ALREADY_THERE.has(statusInError(error) ?? 0)) return { isWritten: false };
      throw error;
    }
  };
  return {
    put: async (name, body, options) => {
      await askStoreForAll(request(actions.write), azureFailure, () => upload(name, body, options));
    },
    putIfAbsent: async (name, body, options) => {
      const ask = () => tried(upload(name, body, options, '*'));
      return (await askStoreForAll(request(actions.write), azureFailure, ask)).isWritten;
    },
    delete: async (name) => {
      await askStore({ ...request(actions.delete), isOfContainer: false }, azureFailure, () =>
        container.getBlobClient(folder + name).delete(),
      );
    },
    signWrite: (name, seconds) => sign(opened, 'cw', { name, seconds }),
  };
}
/** BlobAlreadyExists, and a condition that does not hold. */
const ALREADY_THERE = new Set([409, 412]);

/** Azure lists from a name on, so the first one may be the one that was last. */
async function list(
  { container, folder, request }: Opened,
  { prefix, after, limit }: Parameters<ReadableDatasource['list']>[0],
) {
  const maxPageSize = Math.min(LONGEST_PAGE, limit + (after === undefined ? 0 : 1));
  const pages = container
    .listBlobsFlat({ prefix: folder + prefix, ...(after !== undefined && { startFrom: folder + after }) })
    .byPage({ maxPageSize });
  for (;;) {
    const { done, value } = await askStoreForAll(request(actions.list), azureFailure, () => pages.next());
    if (done) return { files: [], isLast: true };
    const found = value.segment.blobItems
      .map((item) => listed(item.name.slice(folder.length), item))
      .filter(({ name }) => name !== after);
    const isLast = !value.continuationToken;
    // Azure may answer with nothing and a place to go on from.
    if (found.length > 0 || isLast)
      return { files: found.slice(0, limit), isLast: isLast && found.length <= limit };
  }
}

const listed = (name: string, { properties }: BlobItem): DatasourceFile => ({
  name,
  size: properties.contentLength ?? 0,
  lastModified: properties.lastModified.getTime(),
  eTag: withoutQuotes(properties.etag),
  ...(properties.accessTier === 'Archive' && { isArchived: true as const }),
});

function described(
  name: string,
  found: BlobGetPropertiesResponse | BlobDownloadResponseParsed,
  size: number,
): DescribedFile {
  const { lastModified, etag, versionId, metadata = {}, tagCount = 0 } = found;
  return {
    ...{ name, size, lastModified: lastModified?.getTime() ?? 0, eTag: withoutQuotes(etag), tagCount },
    metadata: Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key.toLowerCase(), value])),
    ...(versionId !== undefined && { versionId }),
    ...('accessTier' in found && found.accessTier === 'Archive' && { isArchived: true as const }),
  };
}

const withoutQuotes = (eTag = ''): string => eTag.replaceAll('"', '');

function blobOf({ container, folder }: Opened, name: string, { versionId }: FileVersion = {}) {
  const blob = container.getBlobClient(folder + name);
  return versionId === undefined ? blob : blob.withVersion(versionId);
}

const conditionsOf = ({ versionId, eTag }: FileVersion = {}) =>
  versionId === undefined && eTag !== undefined ? { ifMatch: `"${eTag}"` } : {};

/** A shared access signature for one blob. @param permissions as Azure writes them */
const sign = (
  opened: Opened,
  permissions: 'r' | 'cw',
  file: { readonly name: string; readonly seconds: number; readonly version?: FileVersion | undefined },
): Promise<string> =>
  blobOf(opened, file.name, file.version).generateSasUrl({
    permissions: opened.sdk.BlobSASPermissions.parse(permissions),
    expiresOn: new Date(Date.now() + file.seconds * 1000),
    ...(file.version?.versionId !== undefined && { versionId: file.version.versionId }),
  });
