import { createHash } from 'node:crypto';
import { type LogChunk, type LogLine, logChunk } from '#contracts/run-files';
import type { ObjectId } from '#contracts/schema';
import { LOG_SORT_PREFIX, logKey, runKey } from '#contracts/table-keys';
import type { RunLogStore } from '#platform/runs/run-files';
import { itemCodec } from './stored-item.ts';
import { putItemIfAbsent, type Table, untilSettled } from './table.ts';
import { readPages } from './table-reads.ts';

const codec = itemCodec<LogChunk>('log', logChunk);

/** Bytes of JSON in one item, which may hold 400 KB. */
const CHUNK_BYTES = 200_000;
/** Chunks that are read at a time: as many as the largest call makes, and one more. */
const CHUNKS_PER_READ = 8;
/** More lines than any log has. */
const LAST_LINE = 999_999_999_999;

/** Logs of runs in the table, in the partition of their run: chunks of lines, each under the number of its first line. */
export function runLogStore(table: Table): RunLogStore {
  return {
    append: async (runId, lines) => {
      const chunks = inChunks(lines);
      if (chunks.length > 0) await untilSettled(() => appendOnce(table, runId, chunks));
    },
    read: async (runId, from, limit) => {
      const first = Math.min(from, LAST_LINE);
      const lines: LogLine[] = [];
      for await (const { firstLine, lines: text } of chunksFrom(table, runId, first)) {
        lines.push(...(JSON.parse(text) as LogLine[]).slice(Math.max(0, first - firstLine)));
        if (lines.length >= limit) break;
      }
      return lines.slice(0, limit);
    },
  };
}

type NewChunk = Omit<LogChunk, 'firstLine'>;

/** Writes what is not there yet; undefined where somebody else wrote at the same place. */
async function appendOnce(
  table: Table,
  runId: ObjectId,
  chunks: readonly NewChunk[],
): Promise<true | undefined> {
  const last = await lastChunks(table, runId, LAST_LINE);
  let firstLine = last[0] === undefined ? 0 : last[0].firstLine + last[0].count;
  for (const chunk of chunks.slice(writtenBefore(chunks, last))) {
    const item = codec.encode({ ...chunk, firstLine }, logKey(runId, firstLine));
    if (!(await putItemIfAbsent(table, item))) return undefined;
    firstLine += chunk.count;
  }
  return true;
}

/** How many of the chunks are the end of the log already. @param last newest first */
function writtenBefore(chunks: readonly NewChunk[], last: readonly LogChunk[]): number {
  for (let count = Math.min(chunks.length, last.length); count > 0; count--) {
    const end = last.slice(0, count).reverse();
    if (end.every(({ digest }, at) => digest === chunks[at]?.digest)) return count;
  }
  return 0;
}

function inChunks(lines: readonly LogLine[]): NewChunk[] {
  const chunks: NewChunk[] = [];
  let texts: string[] = [];
  let bytes = 0;
  const close = (): void => {
    if (texts.length === 0) return;
    const text = `[${texts.join(',')}]`;
    const digest = createHash('sha256').update(text).digest('hex');
    chunks.push({ count: texts.length, lines: text, digest });
    texts = [];
    bytes = 0;
  };
  for (const line of lines) {
    const text = JSON.stringify(line);
    const size = Buffer.byteLength(text) + 1;
    if (bytes + size > CHUNK_BYTES) close();
    texts.push(text);
    bytes += size;
  }
  close();
  return chunks;
}

/** The chunks that begin with line `until` or before it, newest first, as many as are read at a time. */
async function lastChunks(table: Table, runId: ObjectId, until: number): Promise<LogChunk[]> {
  const to = logKey(runId, until).sk;
  const range = { partition: runKey(runId).pk, from: LOG_SORT_PREFIX, to, descending: true };
  for await (const page of readPages(table, { ...range, pageSize: CHUNKS_PER_READ })) {
    return page.map(codec.decode);
  }
  return [];
}

/** The chunk that has line `from`, and those after it. */
async function* chunksFrom(table: Table, runId: ObjectId, from: number): AsyncGenerator<LogChunk> {
  const [first] = await lastChunks(table, runId, from);
  if (!first) return;
  const range = {
    partition: runKey(runId).pk,
    from: logKey(runId, first.firstLine).sk,
    to: logKey(runId, LAST_LINE).sk,
    pageSize: CHUNKS_PER_READ,
  };
  for await (const page of readPages(table, range)) yield* page.map(codec.decode);
}
