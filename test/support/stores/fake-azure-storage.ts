import { createHmac } from 'node:crypto';
import {
  BlobSASPermissions,
  generateBlobSASQueryParameters,
  StorageSharedKeyCredential,
} from '@azure/storage-blob';
import {
  type FakeAnswer,
  type FakeFiles,
  type FakeRequest,
  type FakeStore,
  rangeOf,
  type StoredFile,
  startFakeStore,
} from './fake-store.ts';

/** An account with a key of its own; it has no other use. */
export const AZURE_ACCOUNT = {
  accountName: 'fakeaccount',
  accountKey: Buffer.from('the key of an account that is only here').toString('base64'),
};
const CREDENTIAL = new StorageSharedKeyCredential(AZURE_ACCOUNT.accountName, AZURE_ACCOUNT.accountKey);

/**
 * Stands in for Azure Blob Storage: as much of it as reading and writing blobs takes. It checks the signatures of requests
 * and those of URLs.
 */
export const startFakeAzureStorage = (container: string): Promise<FakeStore> =>
  startFakeStore((request, files) => {
    // Where the host is an address, the account is in the path.
    const [, , asked = '', ...path] = request.url.pathname.split('/');
    const name = decodeURIComponent(path.join('/'));
    const isAllowed = request.url.searchParams.has('sig')
      ? isSignedUrl(request, container, name)
      : isSignedRequest(request);
    if (!isAllowed) return refusal(403, 'AuthenticationFailed');
    if (asked !== container) return refusal(404, 'ContainerNotFound');
    return name === '' ? listed(request.url.searchParams, files) : answerBlob(request, name, files);
  });

const refusal = (status: number, code: string): FakeAnswer => ({
  status,
  headers: { 'content-type': 'application/xml', 'x-ms-error-code': code },
  body: `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>No.</Message></Error>`,
});

const eTagOf = ({ version }: StoredFile): string => `"0x${version.toString(16)}"`;
const httpDate = (at: number): string => new Date(at).toUTCString();
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

function answerBlob({ method, url, headers, body }: FakeRequest, name: string, files: FakeFiles): FakeAnswer {
  if (files.denied.has(name)) return refusal(403, 'AuthorizationPermissionMismatch');
  const version = url.searchParams.get('versionid');
  const found = files.find(name, version === null ? undefined : Number(version));
  if (method === 'PUT') {
    if (headers['if-none-match'] === '*' && found) return refusal(409, 'BlobAlreadyExists');
    const file = files.put(name, body, { metadata: metadataIn(headers) });
    return { status: 201, headers: { etag: eTagOf(file), 'last-modified': httpDate(file.lastModified) } };
  }
  if (!found) return refusal(404, 'BlobNotFound');
  if (method === 'DELETE') return { status: files.delete(name) ? 202 : 404 };
  if (url.searchParams.get('comp') === 'tags') return tagsOf(found);
  const wanted = headers['if-match'];
  if (wanted !== undefined && wanted !== eTagOf(found)) return refusal(412, 'ConditionNotMet');
  if (found.isArchived && method === 'GET') return refusal(409, 'BlobArchived');
  const range = rangeOf(headers['x-ms-range']?.toString() ?? headers.range, found.body);
  if (range.status === 416) return refusal(416, 'InvalidRange');
  const length = method === 'GET' ? range.body.length : found.body.length;
  return { ...range, headers: { ...headersOf(found), ...range.headers, 'content-length': String(length) } };
}

const headersOf = (file: StoredFile): Record<string, string> => ({
  etag: eTagOf(file),
  'last-modified': httpDate(file.lastModified),
  'x-ms-blob-type': 'BlockBlob',
  'x-ms-version-id': String(file.version),
  ...(file.tags && { 'x-ms-tag-count': String(Object.keys(file.tags).length) }),
  ...(file.isArchived && { 'x-ms-access-tier': 'Archive' }),
  ...Object.fromEntries(Object.entries(file.metadata).map(([key, value]) => [`x-ms-meta-${key}`, value])),
});

const metadataIn = (headers: FakeRequest['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      name.startsWith('x-ms-meta-') ? [[name.slice('x-ms-meta-'.length), String(value)]] : [],
    ),
  );

const xml = (body: string): FakeAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="utf-8"?>${body}`,
});

const tagsOf = ({ tags = {} }: StoredFile): FakeAnswer => {
  const each = Object.entries(tags).map(
    ([key, value]) => `<Tag><Key>${key}</Key><Value>${value}</Value></Tag>`,
  );
  return xml(`<Tags><TagSet>${each.join('')}</TagSet></Tags>`);
};

function listed(query: URLSearchParams, files: FakeFiles): FakeAnswer {
  const from = query.get('marker') ?? query.get('startFrom') ?? '';
  const found = files.list(query.get('prefix') ?? '', from);
  const most = Number(query.get('maxresults') ?? 5000);
  const blobs = found
    .slice(0, most)
    .map(
      (file) =>
        `<Blob><Name>${escaped(file.name)}</Name><Properties><Last-Modified>${httpDate(file.lastModified)}</Last-Modified>` +
        `<Etag>${eTagOf(file).replaceAll('"', '')}</Etag><Content-Length>${file.body.length}</Content-Length>` +
        `<BlobType>BlockBlob</BlobType>${file.isArchived ? '<AccessTier>Archive</AccessTier>' : ''}</Properties></Blob>`,
    );
  return xml(
    `<EnumerationResults ServiceEndpoint="x" ContainerName="c"><Blobs>${blobs.join('')}</Blobs>` +
      `<NextMarker>${escaped(found[most]?.name ?? '')}</NextMarker></EnumerationResults>`,
  );
}

/** Source: "Authorize with Shared Key" of Azure Storage. */
function isSignedRequest({ method, url, headers }: FakeRequest): boolean {
  const standard = [
    'content-encoding',
    'content-language',
    'content-length',
    'content-md5',
    'content-type',
    'date',
  ];
  const conditions = ['if-modified-since', 'if-match', 'if-none-match', 'if-unmodified-since', 'range'];
  const headerOf = (name: string) =>
    name === 'content-length' && headers[name] === '0' ? '' : (headers[name] ?? '');
  const own = Object.entries(headers)
    .filter(([name]) => name.startsWith('x-ms-'))
    .map(([name, value]) => `${name}:${value}`)
    .sort();
  const query = [...url.searchParams].map(([name, value]) => `\n${name.toLowerCase()}:${value}`).sort();
  const lines = [method, ...[...standard, ...conditions].map(headerOf), ...own];
  const text = `${lines.join('\n')}\n/${AZURE_ACCOUNT.accountName}${url.pathname}${query.join('')}`;
  const key = Buffer.from(AZURE_ACCOUNT.accountKey, 'base64');
  const signature = createHmac('sha256', key).update(text, 'utf8').digest('base64');
  return headers.authorization === `SharedKey ${AZURE_ACCOUNT.accountName}:${signature}`;
}

/** The same URL, signed once more. */
function isSignedUrl({ method, url }: FakeRequest, containerName: string, blobName: string): boolean {
  const { searchParams: query } = url;
  const permissions = query.get('sp') ?? '';
  const versionId = query.get('versionid');
  const expected = generateBlobSASQueryParameters(
    {
      ...{ containerName, blobName, permissions: BlobSASPermissions.parse(permissions) },
      ...{ expiresOn: new Date(query.get('se') ?? 0), version: query.get('sv') ?? '' },
      ...(versionId !== null && { versionId }),
    },
    CREDENTIAL,
  );
  const isFor = method === 'PUT' ? permissions.includes('w') : permissions.includes('r');
  const isAlive = Date.parse(query.get('se') ?? '') > Date.now();
  return isFor && isAlive && new URLSearchParams(expected.toString()).get('sig') === query.get('sig');
}
