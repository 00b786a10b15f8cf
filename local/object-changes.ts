import type { ObjectAttributes } from './object-attributes.ts';

/** What happened to an object, in the words of S3's event types. */
export type ObjectEventName =
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload'
  | 'ObjectRemoved:Delete'
  | 'ObjectRemoved:DeleteMarkerCreated'
  | 'ObjectRestore:Completed'
  | 'ObjectTagging:Put'
  | 'ObjectTagging:Delete';

export interface ObjectChange {
  readonly name: ObjectEventName;
  readonly bucket: string;
  readonly key: string;
  /** Without quotes; absent for removals. */
  readonly eTag?: string;
  /** Bytes; absent for removals. */
  readonly size?: number;
  /** Of buckets with versions. */
  readonly versionId?: string;
}

/** What the request that is being handled does beside what its handler knows of. */
export interface ObjectRequest {
  readonly creation: 'ObjectCreated:Put' | 'ObjectCreated:Copy';
  /** Of what it writes. */
  readonly attributes: ObjectAttributes;
  /** The version that it reads or deletes; the current one where there is none. */
  readonly versionId?: string | undefined;
}
