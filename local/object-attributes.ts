import type { IncomingHttpHeaders } from 'node:http';
import { AccessError } from './access-error.ts';

/** What S3 keeps of an object beside what the store of fauxqs knows. */
export interface ObjectAttributes {
  /** Of buckets with versions. */
  readonly versionId?: string;
  /** Absent: STANDARD. */
  readonly storageClass?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** ARN of the key that encrypts it. */
  readonly kmsKey?: string;
  /** Until then (ms) a copy that was restored from the archive can be read. */
  readonly restoredUntil?: number;
}

/** They travel with an object in its metadata, under a name that no header can have. */
const ATTRIBUTES = ' attributes';

type Metadata = Readonly<Record<string, string>>;

export const attributesIn = (metadata: Metadata): ObjectAttributes =>
  metadata[ATTRIBUTES] === undefined ? {} : (JSON.parse(metadata[ATTRIBUTES]) as ObjectAttributes);

/** Without attributes, nothing is added. */
export function withAttributes(metadata: Metadata, attributes: ObjectAttributes): Record<string, string> {
  const own = withoutAttributes(metadata);
  return Object.keys(attributes).length === 0 ? own : { ...own, [ATTRIBUTES]: JSON.stringify(attributes) };
}

/** As clients see it. */
export function withoutAttributes(metadata: Metadata): Record<string, string> {
  const { [ATTRIBUTES]: _, ...own } = metadata;
  return own;
}

/** Of an object that a request writes. @param defaultKey of its bucket */
export function attributesAsked(
  headers: IncomingHttpHeaders,
  defaultKey: string | undefined,
): ObjectAttributes {
  const storageClass = headers['x-amz-storage-class'];
  const tagging = headers['x-amz-tagging'];
  const encryption = headers['x-amz-server-side-encryption'];
  const asked = headers['x-amz-server-side-encryption-aws-kms-key-id'];
  const kmsKey = encryption === 'AES256' ? undefined : (asked ?? defaultKey);
  return {
    ...(typeof storageClass === 'string' && storageClass !== 'STANDARD' && { storageClass }),
    ...(typeof tagging === 'string' && { tags: Object.fromEntries(new URLSearchParams(tagging)) }),
    ...(typeof kmsKey === 'string' && { kmsKey }),
  };
}

/** Storage classes whose objects have to be restored before they can be read. */
const ARCHIVES = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/** @param now ms */
export const isArchived = (
  { storageClass = '', restoredUntil = 0 }: ObjectAttributes,
  now: number,
): boolean => ARCHIVES.has(storageClass) && restoredUntil <= now;

/** @throws AccessError as S3 refuses to read an object in an archive */
export function checkReadable(attributes: ObjectAttributes, now: number): void {
  if (!isArchived(attributes, now)) return;
  const reason = "The operation is not valid for the object's storage class";
  throw new AccessError('InvalidObjectState', reason);
}

/** Headers of an answer that has the object. */
export function headersOf(attributes: ObjectAttributes): Record<string, string> {
  const { versionId, storageClass, tags = {}, kmsKey, restoredUntil } = attributes;
  const tagCount = Object.keys(tags).length;
  return {
    ...(versionId !== undefined && { 'x-amz-version-id': versionId }),
    ...(storageClass !== undefined && { 'x-amz-storage-class': storageClass }),
    ...(tagCount > 0 && { 'x-amz-tagging-count': String(tagCount) }),
    ...(kmsKey !== undefined && {
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': kmsKey,
    }),
    ...(restoredUntil !== undefined && {
      'x-amz-restore': `ongoing-request="false", expiry-date="${new Date(restoredUntil).toUTCString()}"`,
    }),
  };
}
