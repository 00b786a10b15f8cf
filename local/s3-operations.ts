import type { IncomingHttpHeaders } from 'node:http';
import type { Access } from './access-policy.ts';

/** What an S3 request asks for. */
export interface S3Operation {
  /** As `PutObject`; undefined where this local cloud has no such operation. */
  readonly name: string | undefined;
  readonly bucket: string;
  /** Empty for operations on a bucket. */
  readonly key: string;
  readonly query: URLSearchParams;
  /** What the caller must be allowed to do, apart from what stands in the body. */
  readonly accesses: readonly Access[];
}

/** Sub-resources that would otherwise be taken for the object or bucket itself. */
const SUBRESOURCES = (
  'accelerate acl analytics cors encryption intelligent-tiering inventory legal-hold lifecycle location logging ' +
  'metrics object-lock ownershipControls policy policyStatus publicAccessBlock renameObject replication ' +
  'requestPayment retention select torrent versioning versions website attributes session'
).split(' ');

/** Path style only, which is what SDKs use for an IP address. */
export function describeS3Request(method: string, url: string, headers: IncomingHttpHeaders): S3Operation {
  const { pathname, query } = splitUrl(url);
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(pathname) ?? [];
  const name = operationName(method, bucket, key, query, headers);
  return { name, bucket, key, query, accesses: accessesOf(name, bucket, key, query, headers) };
}

function splitUrl(url: string): { pathname: string; query: URLSearchParams } {
  const mark = url.indexOf('?');
  const pathname = mark < 0 ? url : url.slice(0, mark);
  return { pathname: decode(pathname), query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function operationName(
  method: string,
  bucket: string,
  key: string,
  query: URLSearchParams,
  headers: IncomingHttpHeaders,
): string | undefined {
  if (SUBRESOURCES.some((name) => query.has(name))) return undefined;
  if (bucket === '') return method === 'GET' ? 'ListBuckets' : undefined;
  if (query.has('tagging') || query.has('restore'))
    return key === '' ? undefined : subresource(method, query);
  if (query.has('notification')) return key === '' ? NOTIFICATION_OPERATIONS[method] : undefined;
  return key === '' ? bucketOperation(method, query) : objectOperation(method, query, headers);
}

function subresource(method: string, query: URLSearchParams): string | undefined {
  if (query.has('restore')) return method === 'POST' ? 'RestoreObject' : undefined;
  return { GET: 'GetObjectTagging', PUT: 'PutObjectTagging', DELETE: 'DeleteObjectTagging' }[method];
}

const NOTIFICATION_OPERATIONS: Readonly<Record<string, string>> = {
  GET: 'GetBucketNotificationConfiguration',
  PUT: 'PutBucketNotificationConfiguration',
};

function bucketOperation(method: string, query: URLSearchParams): string | undefined {
  switch (method) {
    case 'GET':
      if (query.has('uploads')) return undefined;
      return query.get('list-type') === '2' ? 'ListObjectsV2' : 'ListObjects';
    case 'HEAD':
      return 'HeadBucket';
    case 'POST':
      return query.has('delete') ? 'DeleteObjects' : undefined;
    // Buckets come from the template.
    default:
      return undefined;
  }
}

function objectOperation(
  method: string,
  query: URLSearchParams,
  headers: IncomingHttpHeaders,
): string | undefined {
  const upload = query.has('uploadId');
  const copies = headers['x-amz-copy-source'] !== undefined;
  switch (method) {
    case 'GET':
      return upload ? undefined : 'GetObject';
    case 'HEAD':
      return 'HeadObject';
    case 'PUT':
      if (upload) return copies ? 'UploadPartCopy' : 'UploadPart';
      return copies ? 'CopyObject' : 'PutObject';
    case 'DELETE':
      return upload ? 'AbortMultipartUpload' : 'DeleteObject';
    case 'POST':
      if (query.has('uploads')) return 'CreateMultipartUpload';
      return upload ? 'CompleteMultipartUpload' : undefined;
    default:
      return undefined;
  }
}

function accessesOf(
  name: string | undefined,
  bucket: string,
  key: string,
  query: URLSearchParams,
  headers: IncomingHttpHeaders,
): Access[] {
  if (key === '') return bucketAccessesOf(name, bucket, query);
  const object = objectAccess;
  const ofVersion = query.has('versionId') ? 'Version' : '';
  switch (name) {
    case 'GetObject':
    case 'HeadObject':
      return [object(`s3:GetObject${ofVersion}`, bucket, key)];
    case 'DeleteObject':
      return [object(`s3:DeleteObject${ofVersion}`, bucket, key)];
    case 'GetObjectTagging':
    case 'PutObjectTagging':
    case 'DeleteObjectTagging':
      return [object(`s3:${name.replace('Tagging', '')}${ofVersion}Tagging`, bucket, key)];
    case 'RestoreObject':
      return [object('s3:RestoreObject', bucket, key)];
    case 'AbortMultipartUpload':
      return [object('s3:AbortMultipartUpload', bucket, key)];
    case 'CopyObject':
    case 'UploadPartCopy':
      return [copySourceAccess(headers), object('s3:PutObject', bucket, key)];
    case 'PutObject':
    case 'UploadPart':
    case 'CreateMultipartUpload':
    case 'CompleteMultipartUpload':
      return [
        object('s3:PutObject', bucket, key),
        ...(headers['x-amz-tagging'] ? [object('s3:PutObjectTagging', bucket, key)] : []),
      ];
    default:
      return [];
  }
}

function bucketAccessesOf(name: string | undefined, bucket: string, query: URLSearchParams): Access[] {
  switch (name) {
    case 'ListBuckets':
      return [{ action: 's3:ListAllMyBuckets', resource: '*' }];
    case 'ListObjects':
    case 'ListObjectsV2':
    case 'HeadBucket':
      return [listAccess(bucket, query.get('prefix') ?? '')];
    case 'GetBucketNotificationConfiguration':
    case 'PutBucketNotificationConfiguration':
      return [{ action: `s3:${name.replace('Configuration', '')}`, resource: `arn:aws:s3:::${bucket}` }];
    default:
      return [];
  }
}

function copySourceAccess(headers: IncomingHttpHeaders): Access {
  const source = decode(String(headers['x-amz-copy-source'])).replace(/^\//, '');
  const slash = source.indexOf('/');
  const [key = '', version] = source.slice(slash + 1).split('?versionId=');
  const action = version === undefined ? 's3:GetObject' : 's3:GetObjectVersion';
  return objectAccess(action, source.slice(0, slash), key);
}

export const objectAccess = (action: string, bucket: string, key: string): Access => ({
  action,
  resource: `arn:aws:s3:::${bucket}/${key}`,
});
export const listAccess = (bucket: string, prefix: string): Access => ({
  action: 's3:ListBucket',
  resource: `arn:aws:s3:::${bucket}`,
  context: { 's3:prefix': prefix },
});

/** The tags that the body of PutObjectTagging gives. */
export const tagsIn = (body: string): Record<string, string> =>
  Object.fromEntries(
    [...body.matchAll(/<Key>([^<]*)<\/Key>\s*<Value>([^<]*)<\/Value>/g)].map(([, key = '', value = '']) => [
      unescapeXml(key),
      unescapeXml(value),
    ]),
  );

/** The keys that the body of DeleteObjects names. */
export const keysToDelete = (body: string): string[] =>
  [...body.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = '']) => unescapeXml(key));

export const unescapeXml = (text: string): string =>
  text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (whole, hex?: string, decimal?: string, name?: string) => {
      if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (decimal) return String.fromCodePoint(Number(decimal));
      return { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }[name ?? ''] ?? whole;
    },
  );
