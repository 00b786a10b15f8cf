import { byUtf8Bytes } from '#platform/datasources/name-order';
import type { StoredObject } from './fauxqs-parts.ts';
import type { ObjectAttributes } from './object-attributes.ts';

export interface ListingRequest {
  readonly bucket: string;
  readonly query: URLSearchParams;
  /** Optional attributes that are asked for, as `RestoreStatus`. */
  readonly attributes?: string | undefined;
}

export interface ListedObject extends StoredObject {
  readonly attributes: ObjectAttributes;
}

const LARGEST_PAGE = 1000;

interface Page {
  readonly keys: readonly string[];
  readonly prefixes: readonly string[];
  /** Where the next page goes on: after this key, and after all keys under it where it is a common prefix. */
  readonly next: string | undefined;
}

/**
 * One page of a listing: keys under the prefix, those with the delimiter after the prefix rolled up into one entry.
 * @param sorted all keys of the bucket in byte order
 */
function listPage(
  sorted: readonly string[],
  options: {
    readonly prefix: string;
    readonly delimiter: string;
    readonly after: string;
    readonly limit: number;
  },
): Page {
  const { prefix, delimiter, after, limit } = options;
  const keys: string[] = [];
  const prefixes: string[] = [];
  let last = after;
  const skipsUnder = delimiter !== '' && after.endsWith(delimiter) ? after : undefined;
  for (let index = firstAtLeast(sorted, after > prefix ? after : prefix); index < sorted.length; index++) {
    const key = sorted[index] ?? '';
    if (!key.startsWith(prefix)) {
      if (byUtf8Bytes(key, prefix) > 0) break;
      continue;
    }
    if (key === after || byUtf8Bytes(key, after) < 0) continue;
    if (skipsUnder !== undefined && key.startsWith(skipsUnder)) continue;
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const common = cut < 0 ? undefined : key.slice(0, cut + delimiter.length);
    if (common !== undefined && common === prefixes.at(-1)) continue;
    if (keys.length + prefixes.length === limit) return { keys, prefixes, next: last };
    if (common === undefined) keys.push(key);
    else prefixes.push(common);
    last = common ?? key;
  }
  return { keys, prefixes, next: undefined };
}

function firstAtLeast(sorted: readonly string[], bound: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (byUtf8Bytes(sorted[middle] ?? '', bound) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The body of an answer to ListObjects or ListObjectsV2. */
export function renderListing(
  { bucket, query, attributes = '' }: ListingRequest,
  sorted: readonly string[],
  objectOf: (key: string) => ListedObject,
): string {
  const second = query.get('list-type') === '2';
  const token = query.get('continuation-token');
  const after = token
    ? Buffer.from(token, 'base64url').toString()
    : (query.get(second ? 'start-after' : 'marker') ?? '');
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const limit = Math.min(Number(query.get('max-keys') ?? LARGEST_PAGE), LARGEST_PAGE);
  const { keys, prefixes, next } = listPage(sorted, { prefix, delimiter, after, limit });
  const encoded = query.get('encoding-type') === 'url';
  const name = (text: string) =>
    encoded ? encodeURIComponent(text).replaceAll('%2F', '/') : escapeXml(text);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    `<Name>${escapeXml(bucket)}</Name><Prefix>${name(prefix)}</Prefix><MaxKeys>${limit}</MaxKeys>`,
    delimiter && `<Delimiter>${name(delimiter)}</Delimiter>`,
    encoded ? '<EncodingType>url</EncodingType>' : '',
    `<IsTruncated>${next !== undefined}</IsTruncated>`,
    second ? `<KeyCount>${keys.length + prefixes.length}</KeyCount>` : `<Marker>${name(after)}</Marker>`,
    token ? `<ContinuationToken>${token}</ContinuationToken>` : '',
    next === undefined ? '' : nextElement(next, second, name),
    ...keys.map((key) => renderObject(name(key), objectOf(key), attributes.includes('RestoreStatus'))),
    ...prefixes.map((common) => `<CommonPrefixes><Prefix>${name(common)}</Prefix></CommonPrefixes>`),
    '</ListBucketResult>',
  ].join('');
}

const nextElement = (next: string, second: boolean, name: (text: string) => string): string =>
  second
    ? `<NextContinuationToken>${Buffer.from(next).toString('base64url')}</NextContinuationToken>`
    : `<NextMarker>${name(next)}</NextMarker>`;

const renderObject = (
  name: string,
  { contentLength, etag, lastModified, attributes }: ListedObject,
  withRestoreStatus: boolean,
): string =>
  `<Contents><Key>${name}</Key><LastModified>${lastModified.toISOString()}</LastModified>` +
  `<ETag>${escapeXml(etag)}</ETag><Size>${contentLength}</Size>` +
  `<StorageClass>${attributes.storageClass ?? 'STANDARD'}</StorageClass>` +
  `${withRestoreStatus ? renderRestoreStatus(attributes) : ''}</Contents>`;

const renderRestoreStatus = ({ restoredUntil }: ObjectAttributes): string =>
  restoredUntil === undefined
    ? ''
    : '<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress>' +
      `<RestoreExpiryDate>${new Date(restoredUntil).toISOString()}</RestoreExpiryDate></RestoreStatus>`;

const XML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};
/** Control characters stand as references, as S3 writes them. */
export const escapeXml = (text: string): string =>
  text
    .replace(/[&<>"]/g, (character) => XML_ENTITIES[character] ?? character)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: keys may hold them
    .replace(/[\u0001-\u001f]/g, (character) => `&#x${character.charCodeAt(0).toString(16)};`);
