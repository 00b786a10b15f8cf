import type { Readable } from 'node:stream';

export interface ObjectReference {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string;
}

export interface ObjectDescription {
  readonly eTag: string;
  /** Bytes. */
  readonly size: number;
  /** ms */
  readonly lastModified: number;
  readonly versionId?: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface ListedObject {
  readonly key: string;
  readonly eTag: string;
  readonly size: number;
  readonly lastModified: number;
}

/** Objects in buckets. Throws RetryableError for what may succeed later. eTags are without quotes. */
export interface ObjectStore {
  /**
   * The object, or undefined where it does not exist (any more) or, with `eTag`, where it is another one by now.
   * The body must be read or destroyed.
   */
  open(
    reference: ObjectReference,
    condition?: { readonly eTag?: string },
  ): Promise<(ObjectDescription & { readonly body: Readable }) | undefined>;
  head(reference: ObjectReference): Promise<ObjectDescription | undefined>;
  /** All keys under the prefix in byte order. */
  list(bucket: string, prefix: string): AsyncIterable<ListedObject>;
  /** What keys have before their first slash, each with that slash, in byte order. */
  listFolders(bucket: string): AsyncIterable<string>;
}

export interface WriteOptions {
  readonly contentType: string;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Objects that Winnow makes. Never given an input bucket. */
export interface WritableObjectStore extends ObjectStore {
  put(reference: ObjectReference, body: Uint8Array | string, options: WriteOptions): Promise<void>;
  /** False, and nothing written, where the key exists. */
  putIfAbsent(reference: ObjectReference, body: Uint8Array, options: WriteOptions): Promise<boolean>;
  /** Streams in parts; memory does not grow with the object. Nothing is visible before the end. */
  putStream(reference: ObjectReference, body: Readable, options: WriteOptions): Promise<void>;
  copy(from: ObjectReference, to: ObjectReference, options: WriteOptions): Promise<void>;
  /** Deletes the current version of each; those that are not there are none the less gone. */
  delete(bucket: string, keys: readonly string[]): Promise<void>;
}

/** Signs read URLs. */
export interface ReadUrlSigner {
  /**
   * A URL that reads the object until `validUntil` (ms). The same arguments give the same URL while the
   * credentials are the same.
   */
  sign(reference: ObjectReference, signedAt: number, validUntil: number): Promise<string>;
  /** The latest `validUntil` (ms) that the credentials can keep, if they are temporary. */
  latestExpiry(signedAt: number): Promise<number | undefined>;
}

/** Signs write URLs. Never given an input bucket. */
export interface WriteUrlSigner {
  /** A URL that an object can be put to once or more, for `expiresInSeconds` from now. */
  signWrite(reference: ObjectReference, expiresInSeconds: number): Promise<string>;
}
