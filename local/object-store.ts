import { byUtf8Bytes } from '#platform/datasources/name-order';
import { S3Store } from './fauxqs-parts.ts';
import type { StorageDatabase } from './storage-database.ts';

/** What happened to an object, in the words of S3's event types. */
export type ObjectEventName =
  | 'ObjectCreated:Put'
  | 'ObjectCreated:Copy'
  | 'ObjectCreated:CompleteMultipartUpload'
  | 'ObjectRemoved:Delete';

export interface ObjectChange {
  readonly name: ObjectEventName;
  readonly bucket: string;
  readonly key: string;
  /** Without quotes; absent for removals. */
  readonly eTag?: string;
  /** Bytes; absent for removals. */
  readonly size?: number;
}

type StoredObject = ReturnType<S3Store['putObject']>;

/**
 * The store of fauxqs, which tells of every change in the same transaction that makes it, and which knows its keys
 * in byte order. Objects have no versions: the store does not know any.
 */
export class ObjectStore extends S3Store {
  /** What the request that is being handled does; set just before a synchronous handler runs. */
  creation: 'ObjectCreated:Put' | 'ObjectCreated:Copy' = 'ObjectCreated:Put';
  readonly #database: StorageDatabase;
  readonly #onChange: (change: ObjectChange) => void;
  readonly #keys = new Map<string, { readonly names: Set<string>; sorted: string[] | undefined }>();

  constructor(database: StorageDatabase, onChange: (change: ObjectChange) => void) {
    super();
    this.#database = database;
    this.#onChange = onChange;
  }

  override restoreObject(...[bucket, object]: Parameters<S3Store['restoreObject']>): void {
    super.restoreObject(bucket, object);
    this.#add(bucket, object.key);
  }

  override putObject(...parameters: Parameters<S3Store['putObject']>): StoredObject {
    const [bucket] = parameters;
    return this.#create(bucket, this.creation, () => super.putObject(...parameters));
  }

  /** @param bucket known to the handler, not to the upload's id alone */
  override completeMultipartUpload(
    ...parameters: Parameters<S3Store['completeMultipartUpload']>
  ): StoredObject {
    const uploads = Reflect.get(this, 'multipartUploads') as Map<string, { readonly bucket: string }>;
    const bucket = uploads.get(parameters[0])?.bucket ?? '';
    return this.#create(bucket, 'ObjectCreated:CompleteMultipartUpload', () =>
      super.completeMultipartUpload(...parameters),
    );
  }

  override deleteObject(bucket: string, key: string): void {
    if (!this.has(bucket, key)) {
      super.deleteObject(bucket, key);
      return;
    }
    this.#database.atomically(() => {
      super.deleteObject(bucket, key);
      this.#onChange({ name: 'ObjectRemoved:Delete', bucket, key });
    });
    const keys = this.#keysOf(bucket);
    keys.names.delete(key);
    keys.sorted = undefined;
  }

  has(bucket: string, key: string): boolean {
    return this.#keys.get(bucket)?.names.has(key) ?? false;
  }

  /** All keys of a bucket in the order of their UTF-8 bytes. */
  sortedKeys(bucket: string): readonly string[] {
    const keys = this.#keysOf(bucket);
    keys.sorted ??= [...keys.names].sort(byUtf8Bytes);
    return keys.sorted;
  }

  #create(bucket: string, name: ObjectEventName, write: () => StoredObject): StoredObject {
    const object = this.#database.atomically(() => {
      const written = write();
      const eTag = written.etag.replaceAll('"', '');
      this.#onChange({ name, bucket, key: written.key, eTag, size: written.contentLength });
      return written;
    });
    this.#add(bucket, object.key);
    return object;
  }

  #add(bucket: string, key: string): void {
    const keys = this.#keysOf(bucket);
    if (keys.names.has(key)) return;
    keys.names.add(key);
    keys.sorted = undefined;
  }

  #keysOf(bucket: string) {
    let keys = this.#keys.get(bucket);
    if (!keys) {
      keys = { names: new Set<string>(), sorted: undefined };
      this.#keys.set(bucket, keys);
    }
    return keys;
  }
}
