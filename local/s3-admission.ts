import type { IncomingHttpHeaders } from 'node:http';
import { AccessError } from './access-error.ts';
import { authorizeInBucket, authorizeKey, checkBucket } from './bucket-rules.ts';
import type { FaultInjection } from './faults.ts';
import type { ForeignBucket, KnownBuckets } from './foreign-buckets.ts';
import type { Gate } from './gate.ts';
import { attributesAsked, checkReadable, type ObjectAttributes } from './object-attributes.ts';
import type { ListedObject } from './object-listing.ts';
import type { ObjectStore } from './object-store.ts';
import { newVersionId } from './object-versions.ts';
import type { Principal } from './principals.ts';
import { describeS3Request, listAccess, type S3Operation } from './s3-operations.ts';

export interface S3Parts {
  readonly objects: ObjectStore;
  readonly buckets: KnownBuckets;
  readonly faults: FaultInjection;
  readonly gate: Gate;
  readonly now: () => number;
}

/** A request that its sender may make. */
export interface AdmittedRequest {
  readonly principal: Principal;
  readonly operation: S3Operation & { readonly name: string };
  readonly bucket: ForeignBucket;
  /** Of the object that it writes. */
  readonly attributes: ObjectAttributes;
}

interface RawRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}

/** Tells of requests that are refused too. @throws AccessError in the words of S3 */
export function admitToS3(request: RawRequest, parts: S3Parts): AdmittedRequest {
  const { gate } = parts;
  const principal = gate.authenticate({ ...request, bodyDigest: () => 'UNSIGNED-PAYLOAD' });
  const operation = describeS3Request(request.method, request.url, request.headers);
  try {
    return { principal, ...judge(principal, operation, request.headers, parts) };
  } catch (error) {
    const { name = request.method, bucket, key } = operation;
    gate.observe(principal, { service: 's3', operation: name, bucket, key, isRefused: true });
    throw error;
  }
}

function judge(
  principal: Principal,
  operation: S3Operation,
  headers: IncomingHttpHeaders,
  { gate, buckets, faults }: S3Parts,
): Omit<AdmittedRequest, 'principal'> {
  const { name, query } = operation;
  if (name === undefined || /\?versionId=/.test(String(headers['x-amz-copy-source']))) {
    throw new AccessError('NotImplemented', 'The local cloud has no such S3 operation', 501);
  }
  const bucket = buckets.describe(operation.bucket);
  checkBucket({ principal, bucket, headers, query }, buckets);
  authorizeInBucket({ principal, bucket }, operation.accesses, gate);
  faults.check(bucket.name, name);
  const attributes = attributesOf(name, headers, bucket);
  if (WRITES.has(name)) authorizeKey(principal, 'kms:GenerateDataKey', attributes.kmsKey, gate);
  return { operation: { ...operation, name }, bucket, attributes };
}

const WRITES = new Set(['PutObject', 'CopyObject', 'CreateMultipartUpload']);
const MAKES_A_VERSION = new Set(['PutObject', 'CopyObject', 'CompleteMultipartUpload', 'DeleteObject']);

const attributesOf = (
  name: string,
  headers: IncomingHttpHeaders,
  bucket: ForeignBucket,
): ObjectAttributes => ({
  ...(WRITES.has(name) && attributesAsked(headers, bucket.kmsKey)),
  ...(bucket.versioned && MAKES_A_VERSION.has(name) && { versionId: newVersionId() }),
});

/** What an operation needs to be there before it can answer. */
const READS = new Set(['GetObject', 'HeadObject', 'GetObjectTagging', 'PutObjectTagging', 'RestoreObject']);

/**
 * The object that a request is about, where it reads one.
 *
 * @param tell is given headers that the answer has, also where it is a refusal
 * @throws AccessError where it is not there, is in an archive, or its key may not be used
 */
export function objectRead(
  { principal, bucket, operation: { name, key, query } }: AdmittedRequest,
  headers: IncomingHttpHeaders,
  { objects, gate, now }: S3Parts,
  tell: (name: string, value: string) => void,
): ListedObject | undefined {
  if (!READS.has(name) || !objects.hasBucket(bucket.name)) return undefined;
  const versionId = query.get('versionId') ?? undefined;
  const found = objects.describe(bucket.name, key, versionId);
  if (found === 'marker') tell('x-amz-delete-marker', 'true');
  if (found === undefined || (found === 'marker' && versionId === undefined)) {
    // Without the right to list the whole bucket, S3 does not tell that an object does not exist: no prefix is asked for.
    const { action, resource } = listAccess(bucket.name, '');
    authorizeInBucket({ principal, bucket }, [{ action, resource }], gate);
    if (versionId === undefined) throw new AccessError('NoSuchKey', 'The specified key does not exist.', 404);
    throw new AccessError('NoSuchVersion', 'The specified version does not exist.', 404);
  }
  if (found === 'marker') {
    throw new AccessError('MethodNotAllowed', 'The specified method is not allowed on a delete marker', 405);
  }
  if (name === 'GetObject') checkReadable(found.attributes, now());
  // The head of an object is not encrypted, but for its checksum.
  if (name === 'GetObject' || (name === 'HeadObject' && headers['x-amz-checksum-mode'])) {
    authorizeKey(principal, 'kms:Decrypt', found.attributes.kmsKey, gate);
  }
  return found;
}
