import { byUtf8Bytes } from '#platform/datasources/name-order';
import { S3Store } from './fauxqs-parts.ts';
import {
  attributesIn,
  type ObjectAttributes,
  withAttributes,
  withoutAttributes,
} from './object-attributes.ts';
import type { ObjectChange, ObjectEventName, ObjectRequest } from './object-changes.ts';
import type { ListedObject } from './object-listing.ts';
import { createEarlierVersions, NO_VERSION, newVersionId, type VersionedObject } from './object-versions.ts';
import type { StorageDatabase } from './storage-database.ts';

export type { ObjectChange } from './object-changes.ts';

export interface ObjectStoreOptions {
  readonly database: StorageDatabase;
  /** In the same transaction that makes the change. */
  readonly onChange: (change: ObjectChange) => void;
  readonly isVersioned: (bucket: string) => boolean;
  /** Called before an object is put or deleted. */
  readonly beforeChange: (bucket: string, key: string, before: ListedObject | undefined) => void;
}

const PLAIN_REQUEST: ObjectRequest = { creation: 'ObjectCreated:Put', attributes: {} };

/**
 * The store of fauxqs, which tells of every change in the same transaction that makes it, which knows its keys in byte
 * order, and whose objects have attributes and, where their bucket has, versions.
 */
export class ObjectStore extends S3Store {
  /** Set just before a synchronous handler runs. */
  request = PLAIN_REQUEST;
  readonly #options: ObjectStoreOptions;
  readonly #earlier = createEarlierVersions();
  readonly #keys = new Map<string, { readonly names: Set<string>; sorted: string[] | undefined }>();

  constructor(options: ObjectStoreOptions) {
    super();
    this.#options = options;
  }

  override restoreObject(...[bucket, object]: Parameters<S3Store['restoreObject']>): void {
    super.restoreObject(bucket, object);
    this.#add(bucket, object.key);
  }

  override putObject(...parameters: Parameters<S3Store['putObject']>): VersionedObject {
    const [bucket, key, body, contentType, metadata = {}, ...rest] = parameters;
    const { creation, attributes } = this.request;
    return this.#create(bucket, key, creation, () =>
      super.putObject(bucket, key, body, contentType, withAttributes(metadata, attributes), ...rest),
    );
  }

  override createMultipartUpload(...parameters: Parameters<S3Store['createMultipartUpload']>): string {
    const [bucket, key, contentType, metadata = {}, ...rest] = parameters;
    const marked = withAttributes(metadata, this.request.attributes);
    return super.createMultipartUpload(bucket, key, contentType, marked, ...rest);
  }

  /** The attributes are those of its beginning, but for the version. */
  override completeMultipartUpload(
    ...parameters: Parameters<S3Store['completeMultipartUpload']>
  ): VersionedObject {
    const uploads = Reflect.get(this, 'multipartUploads') as Map<
      string,
      { readonly bucket: string; readonly key: string; metadata: Record<string, string> }
    >;
    const upload = uploads.get(parameters[0]);
    const { versionId } = this.request.attributes;
    if (upload && versionId !== undefined) {
      upload.metadata = withAttributes(upload.metadata, { ...attributesIn(upload.metadata), versionId });
    }
    return this.#create(
      upload?.bucket ?? '',
      upload?.key ?? '',
      'ObjectCreated:CompleteMultipartUpload',
      () => super.completeMultipartUpload(...parameters),
    );
  }

  override getObject(bucket: string, key: string): VersionedObject {
    return asClientsSee(this.#asked(bucket, key) ?? super.getObject(bucket, key));
  }

  override headObject(bucket: string, key: string): VersionedObject {
    return asClientsSee(this.#asked(bucket, key) ?? super.headObject(bucket, key));
  }

  override deleteObject(bucket: string, key: string): void {
    if (this.#options.isVersioned(bucket)) this.#deleteVersioned(bucket, key, this.request.versionId);
    else if (this.has(bucket, key)) this.#remove(bucket, key, { name: 'ObjectRemoved:Delete', bucket, key });
    else super.deleteObject(bucket, key);
  }

  has(bucket: string, key: string): boolean {
    return this.#keys.get(bucket)?.names.has(key) ?? false;
  }

  /**
   * The current object or a version of it, with its attributes. `marker` is a delete marker; undefined where there is
   * nothing.
   */
  describe(bucket: string, key: string, versionId?: string): ListedObject | 'marker' | undefined {
    const current = this.has(bucket, key) ? listed(super.headObject(bucket, key)) : undefined;
    if (current && (versionId === undefined || versionOf(current.attributes) === versionId)) return current;
    const earlier =
      versionId === undefined
        ? this.#earlier.newest(bucket, key)
        : this.#earlier.find(bucket, key, versionId);
    return earlier && (earlier.object ? listed(earlier.object) : 'marker');
  }

  /** Changes the attributes of the current object in place, and tells of it. Nothing happens where there is none. */
  changeAttributes(bucket: string, key: string, change: ObjectAttributes, name: ObjectEventName): void {
    if (!this.has(bucket, key)) return;
    const object = super.getObject(bucket, key);
    const attributes = { ...attributesIn(object.metadata), ...change };
    this.#options.database.atomically(() => {
      this.#putBack(bucket, { ...object, metadata: withAttributes(object.metadata, attributes) });
      this.#options.onChange(this.#created(name, bucket, object, attributes));
    });
  }

  /** All keys of a bucket in the order of their UTF-8 bytes. */
  sortedKeys(bucket: string): readonly string[] {
    const keys = this.#keysOf(bucket);
    keys.sorted ??= [...keys.names].sort(byUtf8Bytes);
    return keys.sorted;
  }

  /** The earlier version that the request asks for. */
  #asked(bucket: string, key: string): VersionedObject | undefined {
    const { versionId } = this.request;
    return versionId === undefined ? undefined : this.#earlier.find(bucket, key, versionId)?.object;
  }

  #deleteVersioned(bucket: string, key: string, versionId: string | undefined): void {
    const current = this.has(bucket, key) ? super.headObject(bucket, key) : undefined;
    if (versionId === undefined) {
      const marker = this.request.attributes.versionId ?? newVersionId();
      this.#keepEarlier(bucket, key);
      const change = { name: 'ObjectRemoved:DeleteMarkerCreated', bucket, key, versionId: marker } as const;
      this.#remove(bucket, key, change);
      this.#earlier.keep(bucket, key, { versionId: marker, object: undefined });
      return;
    }
    if (current && versionOf(attributesIn(current.metadata)) === versionId) {
      this.#remove(bucket, key, { name: 'ObjectRemoved:Delete', bucket, key, versionId });
    } else this.#earlier.remove(bucket, key, versionId);
    this.#bringBack(bucket, key);
  }

  /** Where there is no current object, the newest earlier one is it, unless that is a delete marker. */
  #bringBack(bucket: string, key: string): void {
    const newest = this.#earlier.newest(bucket, key);
    if (this.has(bucket, key) || !newest?.object) return;
    this.#earlier.remove(bucket, key, newest.versionId);
    this.#putBack(bucket, newest.object);
    this.#add(bucket, key);
  }

  #putBack(bucket: string, object: VersionedObject): void {
    this.persistence?.upsertObject(bucket, object);
    super.restoreObject(bucket, this.persistence ? { ...object, body: Buffer.alloc(0) } : object);
  }

  #keepEarlier(bucket: string, key: string): void {
    if (!this.#options.isVersioned(bucket) || !this.has(bucket, key)) return;
    const object = super.getObject(bucket, key);
    const versionId = versionOf(attributesIn(object.metadata));
    if (versionId === NO_VERSION) this.#earlier.remove(bucket, key, NO_VERSION);
    this.#earlier.keep(bucket, key, { versionId, object });
  }

  #remove(bucket: string, key: string, change: ObjectChange): void {
    this.#noteBefore(bucket, key);
    this.#options.database.atomically(() => {
      super.deleteObject(bucket, key);
      this.#options.onChange(change);
    });
    const keys = this.#keysOf(bucket);
    keys.names.delete(key);
    keys.sorted = undefined;
  }

  #create(bucket: string, key: string, name: ObjectEventName, write: () => VersionedObject): VersionedObject {
    this.#noteBefore(bucket, key);
    this.#keepEarlier(bucket, key);
    const object = this.#options.database.atomically(() => {
      const written = write();
      this.#options.onChange(this.#created(name, bucket, written, attributesIn(written.metadata)));
      return written;
    });
    this.#add(bucket, object.key);
    return asClientsSee(object);
  }

  #created(
    name: ObjectEventName,
    bucket: string,
    { key, etag, contentLength }: VersionedObject,
    { versionId }: ObjectAttributes,
  ): ObjectChange {
    const version = versionId === undefined ? {} : { versionId };
    return { name, bucket, key, eTag: etag.replaceAll('"', ''), size: contentLength, ...version };
  }

  #noteBefore(bucket: string, key: string): void {
    const before = this.describe(bucket, key);
    this.#options.beforeChange(bucket, key, before === 'marker' ? undefined : before);
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

const listed = (object: VersionedObject): ListedObject => ({
  ...object,
  attributes: attributesIn(object.metadata),
});

const versionOf = ({ versionId = NO_VERSION }: ObjectAttributes): string => versionId;

const asClientsSee = (object: VersionedObject): VersionedObject => ({
  ...object,
  metadata: withoutAttributes(object.metadata),
});
