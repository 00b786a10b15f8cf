import { RetryableError } from '#contracts/errors';
import type { ExportRecord } from '#contracts/export-record';
import type { ExportMessage } from '#contracts/messages';
import { EXPORT_FILE_NAMES, exportObjectKey } from '#contracts/s3-keys';
import { newObjectId } from '#contracts/schema';
import { EXPORT_WRITERS } from '#formats/formats';
import { splitSide } from '#platform/exports/split-side';
import { digestStream } from '#platform/objects/digest-stream';
import type { ObjectReference } from '#platform/objects/objects';
import { putThrough } from '#platform/objects/put-through';
import { mapped } from '#platform/rows';
import { availableOf } from '#platform/samples/available-samples';
import { everyRowOfTag } from '#platform/tags/tag-samples';
import type { ExportDeps } from './export-deps.ts';
import type { ExportedTag } from './exported-tag.ts';
import { readUrlsOf } from './read-urls.ts';

/**
 * Streams one format to its file. Memory does not grow with the number of samples, and nothing is visible of a file
 * that was not finished.
 *
 * @returns the record of the file, not stored yet.
 */
export async function writeFormat(
  exported: ExportedTag,
  message: ExportMessage,
  deps: ExportDeps,
): Promise<ExportRecord> {
  const { dataset, run, tag, completedAt } = exported;
  const { format } = message;
  const { contentType, hasReadUrls, onlySide, write } = EXPORT_WRITERS[format];
  const fileName = EXPORT_FILE_NAMES[format];
  const readUrls = hasReadUrls ? await readUrlsOf(exported, message, deps) : undefined;
  const header = { dataset: dataset.name, runId: run.id, tagName: tag.name, createdAt: completedAt };
  const { stream, digest } = digestStream();
  const file = { bucket: deps.exportsBucket, key: exportObjectKey(dataset.name, run.id, fileName) };
  const metadata = { attempt: newObjectId(deps.now()) };
  const available = availableOf(everyRowOfTag(tag, {}, deps.samples.range));
  const every = mapped(available.samples, async (sample) => ({
    sample,
    readUrl: readUrls ? await readUrls.urlOf(sample) : '',
    split: message.split && splitSide(sample, message.split),
  }));
  const rows = new CountedRows(every, ({ split }) => onlySide === undefined || split === onlySide);
  const object = { reference: file, options: { contentType, metadata } };
  await putThrough(inLargeChunks(write(rows, header)), stream, object, deps.objects);
  await requireOwn(file, metadata.attempt, deps);
  const written = { datasetId: dataset.id, runId: run.id, format, fileName, rows: rows.count, ...digest() };
  const life = readUrls && {
    ...(readUrls.kind !== message.readUrls && { readUrls: readUrls.kind }),
    readUrlsSignedAt: readUrls.life.signedAt,
    readUrlsExpireAt: readUrls.life.expireAt,
  };
  const leftOut = available.leftOut();
  const gone = leftOut.count > 0 && { noLongerAvailable: { ...leftOut, fileNames: [...leftOut.fileNames] } };
  return { ...written, ...life, ...gone, writtenAt: deps.now() };
}

/** The rows that pass, and how many they were when all have been read. */
class CountedRows<Row> implements AsyncIterable<Row> {
  readonly #rows: AsyncIterable<Row>;
  readonly #passes: (row: Row) => boolean;
  count = 0;

  constructor(rows: AsyncIterable<Row>, passes: (row: Row) => boolean) {
    this.#rows = rows;
    this.#passes = passes;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Row> {
    for await (const row of this.#rows) {
      if (!this.#passes(row)) continue;
      this.count++;
      yield row;
    }
  }
}

/**
 * Two workers with different credentials sign different URLs. The one whose file was replaced must not record what
 * it wrote.
 */
async function requireOwn(file: ObjectReference, attempt: string, { objects }: ExportDeps): Promise<void> {
  const stored = await objects.head(file);
  if (stored?.metadata.attempt !== attempt) {
    throw new RetryableError('WRITTEN_TWICE', `Another worker has written '${file.key}' at the same time.`);
  }
}

const CHUNK_CHARACTERS = 64 * 1024;

/** Rows are small, and every chunk that passes through streams costs its time. */
async function* inLargeChunks(texts: AsyncIterable<string>): AsyncGenerator<Buffer> {
  let collected = '';
  for await (const text of texts) {
    collected += text;
    if (collected.length < CHUNK_CHARACTERS) continue;
    yield Buffer.from(collected);
    collected = '';
  }
  if (collected !== '') yield Buffer.from(collected);
}
