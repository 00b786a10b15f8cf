import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { type BodyFiles, type BodyPlace, openBodyFiles } from './body-files.ts';
import { PersistenceManager, type S3Store } from './fauxqs-parts.ts';

type StoredBody = Parameters<PersistenceManager['upsertObject']>[1];

/** Up to here the row holds the bytes themselves. */
const LARGEST_INLINE_BODY = 4 * 1024;
/** First byte of a row's body: the bytes follow, or the place where they are. */
const INLINE = 0;
const PLACE = 1;

/**
 * Queues, messages and objects in one SQLite database, so that an object and the messages that announce it are
 * written together. The bytes of larger objects are in files beside it.
 */
export class StorageDatabase extends PersistenceManager {
  readonly #database: DatabaseSync;
  readonly #bodies: BodyFiles;
  readonly #markReady: StatementSync;

  constructor(directory: string) {
    super(directory);
    // The base class keeps its connection to itself, and a second one could not share its transactions.
    this.#database = Reflect.get(this, 'db') as DatabaseSync;
    // A killed process loses nothing; only a power failure could, and local data is not worth a disk flush per write.
    this.#database.exec('PRAGMA synchronous = NORMAL');
    this.#bodies = openBodyFiles(join(directory, 'bodies'));
    this.#markReady = this.#database.prepare(
      'UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL WHERE message_id = ?',
    );
  }

  /** Either all of what `work` writes is kept, or nothing. */
  atomically<Result>(work: () => Result): Result {
    this.#database.exec('BEGIN');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** The base class would set the receive count to NULL, which its own schema refuses. */
  override updateMessageReady(messageId: string): void {
    this.#markReady.run(messageId);
  }

  override upsertObject(bucket: string, object: StoredBody): void {
    super.upsertObject(bucket, { ...object, body: this.#keep(object.body) });
  }

  override readBody(bucket: string, key: string): Buffer {
    const kept = super.readBody(bucket, key);
    return kept[0] === INLINE ? kept.subarray(1) : this.#bodies.read(placeIn(kept));
  }

  /** Without the transaction of the base class: {@link atomically} is around it. */
  override completeMultipartUpload(uploadId: string, bucket: string, object: StoredBody): void {
    this.upsertObject(bucket, object);
    this.deleteMultipartUpload(uploadId);
  }

  override loadS3(store: S3Store): void {
    super.loadS3(store);
    const rows = this.#database
      .prepare(`SELECT body FROM s3_objects WHERE substr(body, 1, 1) = x'0${PLACE}'`)
      .all();
    const files = rows.map(({ body }) => placeIn(Buffer.from(body as Uint8Array)).file);
    this.#bodies.keepOnly(new Set(files));
  }

  override close(): void {
    super.close();
    this.#bodies.close();
  }

  #keep(body: Buffer): Buffer {
    if (body.length <= LARGEST_INLINE_BODY) return Buffer.concat([Buffer.of(INLINE), body]);
    return Buffer.concat([Buffer.of(PLACE), Buffer.from(JSON.stringify(this.#bodies.append(body)))]);
  }
}

const placeIn = (kept: Buffer): BodyPlace => JSON.parse(kept.toString('utf8', 1)) as BodyPlace;
