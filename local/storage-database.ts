import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { PersistenceManager, type S3Store } from './fauxqs-parts.ts';

type StoredBody = Parameters<PersistenceManager['upsertObject']>[1];

/** Up to here a row of the database is cheaper than a file. */
const LARGEST_INLINE_BODY = 16 * 1024;
const INLINE = 0;
const FILE = 1;

/**
 * Queues, messages and objects in one SQLite database, so that an object and the messages that announce it are
 * written together. The bytes of larger objects are files beside it; their row holds the file's name.
 */
export class StorageDatabase extends PersistenceManager {
  readonly #database: DatabaseSync;
  readonly #bodies: string;
  readonly #markReady: StatementSync;

  constructor(directory: string) {
    super(directory);
    // The base class keeps its connection to itself, and a second one could not share its transactions.
    this.#database = Reflect.get(this, 'db') as DatabaseSync;
    // A killed process loses nothing; only a power failure could, and local data is not worth a disk flush per write.
    this.#database.exec('PRAGMA synchronous = NORMAL');
    this.#bodies = join(directory, 'bodies');
    mkdirSync(this.#bodies, { recursive: true });
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
    const previous = this.#fileOf(bucket, object.key);
    super.upsertObject(bucket, { ...object, body: this.#keep(object.body) });
    if (previous) this.#remove(previous);
  }

  override deleteObject(bucket: string, key: string): void {
    const previous = this.#fileOf(bucket, key);
    super.deleteObject(bucket, key);
    if (previous) this.#remove(previous);
  }

  override readBody(bucket: string, key: string): Buffer {
    const kept = super.readBody(bucket, key);
    return kept[0] === FILE ? readFileSync(join(this.#bodies, kept.toString('utf8', 1))) : kept.subarray(1);
  }

  /** Without the transaction of the base class: {@link atomically} is around it. */
  override completeMultipartUpload(uploadId: string, bucket: string, object: StoredBody): void {
    this.upsertObject(bucket, object);
    this.deleteMultipartUpload(uploadId);
  }

  override loadS3(store: S3Store): void {
    super.loadS3(store);
    const rows = this.#database.prepare('SELECT body FROM s3_objects WHERE length(body) < 64').all();
    const named = new Set(rows.map(({ body }) => Buffer.from(body as Uint8Array).toString('utf8', 1)));
    // Written, but its row was not: the host was killed in between.
    for (const file of readdirSync(this.#bodies)) if (!named.has(file)) rmSync(join(this.#bodies, file));
  }

  #keep(body: Buffer): Buffer {
    if (body.length <= LARGEST_INLINE_BODY) return Buffer.concat([Buffer.of(INLINE), body]);
    const file = randomUUID();
    writeFileSync(join(this.#bodies, file), body);
    return Buffer.concat([Buffer.of(FILE), Buffer.from(file)]);
  }

  #fileOf(bucket: string, key: string): string | undefined {
    const row = this.#database
      .prepare('SELECT substr(body, 1, 64) AS head FROM s3_objects WHERE bucket = ? AND key = ?')
      .get(bucket, key);
    const head = row && Buffer.from(row.head as Uint8Array);
    return head?.[0] === FILE ? head.toString('utf8', 1) : undefined;
  }

  #remove(file: string): void {
    unlinkSync(join(this.#bodies, file));
  }
}
