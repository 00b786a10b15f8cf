import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { byUtf8Bytes } from '#platform/datasources/name-order';

/** An object, as a listing tells of it. */
export interface GeneratedObject {
  readonly name: string;
  readonly eTag: string;
  readonly size: number;
  /** ms */
  readonly lastModified: number;
  readonly storageClass?: string;
}

/** Objects in the order of their names, which need not exist anywhere. */
export interface GeneratedObjects {
  readonly count: number;
  at(index: number): GeneratedObject;
}

/** What a bucket does to a listing request. */
export type ListingFault = 'slow-down' | 'denied' | undefined;

/** What is asked of a bucket: which page, or which object. */
export interface ListingRequest {
  readonly operation: 'list' | 'head';
  readonly name: string;
  /** Objects that are asked for at most. */
  readonly limit: number;
}

/**
 * A server that answers `ListObjectsV2`, and says whether an object is there, as S3 does for one bucket and for as many
 * objects as one likes: they are made as they are asked for. It has nothing else.
 */
export async function startListingServer() {
  let objects: GeneratedObjects = { count: 0, at: () => ({ name: '', eTag: '', size: 0, lastModified: 0 }) };
  let fault: (request: ListingRequest) => ListingFault = () => undefined;
  let isThere: (name: string) => boolean = (name) => isListed(objects, name);
  const requests = { list: 0, head: 0 };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://server');
    const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'));
    const operation = key === '' ? 'list' : 'head';
    requests[operation] += 1;
    const name = operation === 'head' ? key : (url.searchParams.get('start-after') ?? '');
    const wrong = fault({ operation, name, limit: Number(url.searchParams.get('max-keys') ?? 1) });
    if (wrong) return void answerFault(response, wrong);
    if (operation === 'head' && isThere(key)) return void response.writeHead(200).end();
    if (operation === 'head') return void answerError(response, 404, 'NoSuchKey');
    response.writeHead(200, { 'content-type': 'application/xml' }).end(pageOf(objects, url.searchParams));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const s3Config: S3ClientConfig = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKIDLISTING', secretAccessKey: 'not-a-secret' },
    forcePathStyle: true,
  };
  const s3 = new S3Client(s3Config);
  return {
    s3,
    s3Config,
    requests,
    /** From now on the bucket has these. */
    hold: (held: GeneratedObjects, really: (name: string) => boolean = (name) => isListed(held, name)) => {
      objects = held;
      isThere = really;
    },
    /** From now on requests go wrong in this way. */
    failWith: (how: typeof fault) => {
      fault = how;
    },
    stop: async () => {
      s3.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Of a list of objects in any order. */
export function generatedFrom(listed: readonly GeneratedObject[]): GeneratedObjects {
  const sorted = listed.toSorted((a, b) => byUtf8Bytes(a.name, b.name));
  return { count: sorted.length, at: (index) => sorted[index] as GeneratedObject };
}

const isListed = (objects: GeneratedObjects, name: string): boolean => {
  const index = firstAfter(objects, name) - 1;
  return index >= 0 && objects.at(index).name === name;
};

/** How many names do not come after this one. */
export function firstAfter(objects: GeneratedObjects, name: string): number {
  let low = 0;
  let high = objects.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (byUtf8Bytes(objects.at(middle).name, name) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function pageOf(objects: GeneratedObjects, query: URLSearchParams): string {
  const prefix = query.get('prefix') ?? '';
  const limit = Number(query.get('max-keys') ?? 1000);
  const after = query.get('start-after') ?? '';
  const contents: string[] = [];
  let index = firstAfter(objects, byUtf8Bytes(after, prefix) > 0 ? after : prefix);
  if (byUtf8Bytes(after, prefix) < 0 && isListed(objects, prefix)) index -= 1;
  for (; index < objects.count && contents.length < limit; index++) {
    const object = objects.at(index);
    if (!object.name.startsWith(prefix)) break;
    contents.push(contentsOf(object));
  }
  const isTruncated = index < objects.count && objects.at(index).name.startsWith(prefix);
  return (
    '<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
    `<EncodingType>url</EncodingType><IsTruncated>${isTruncated}</IsTruncated>${contents.join('')}</ListBucketResult>`
  );
}

const contentsOf = ({ name, eTag, size, lastModified, storageClass = 'STANDARD' }: GeneratedObject): string =>
  `<Contents><Key>${encodeURIComponent(name).replaceAll('%2F', '/').replaceAll('%20', '+')}</Key>` +
  `<LastModified>${new Date(lastModified).toISOString()}</LastModified><ETag>&quot;${eTag}&quot;</ETag>` +
  `<Size>${size}</Size><StorageClass>${storageClass}</StorageClass></Contents>`;

function answerFault(response: ServerResponse, fault: NonNullable<ListingFault>): void {
  if (fault === 'denied') answerError(response, 403, 'AccessDenied');
  else answerError(response, 503, 'SlowDown');
}

function answerError(response: ServerResponse, status: number, code: string): void {
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`);
}
