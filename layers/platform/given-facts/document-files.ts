import type { Readable } from 'node:stream';
import pMap from 'p-map';
import type { ZodType } from 'zod';
import { InvalidInputError, RejectedError } from '#contracts/errors';
import type { DatasourceFile, ReadableDatasource } from '../datasources/datasource-objects.ts';
import { byUtf8Bytes } from '../datasources/name-order.ts';

/** Requests under way at a time. */
const CONCURRENT_LISTS = 8;
const CONCURRENT_READS = 32;
const FILES_PER_LIST = 1000;
/** Names that one request after the other looks for, at least. */
const FEWEST_PER_LANE = 50;
/** No object has a longer key: the document about an image with a long name can't be there, nor be asked for. */
const LONGEST_KEY_BYTES = 1_024;
export const JSON_ENDING = '.json';

/** Bytes of a document about one image, and of one that describes many of them. */
const LONGEST_DOCUMENT_BYTES = 8 * 1024 * 1024;
/** Of all documents of a kind: in memory predictions take three times as much, and a run has 3 GB for everything. */
const MOST_DOCUMENT_BYTES = 384 * 1024 * 1024;

/** Called after each file with the share that has been read; what it throws ends the reading. */
export type OnFilesRead = (share: number) => Promise<void>;

/**
 * Which of these documents exist. Found by listing: one request tells of up to a thousand names, those that are absent
 * included, and a folder is only listed where wanted names are.
 *
 * @param names ending in `.json`
 */
export async function existingDocuments(
  objects: Pick<ReadableDatasource, 'list'>,
  names: Iterable<string>,
): Promise<DatasourceFile[]> {
  const possible = [...new Set(names)].filter((name) => Buffer.byteLength(name) <= LONGEST_KEY_BYTES);
  const sorted = possible.sort(byUtf8Bytes);
  const perLane = Math.max(FEWEST_PER_LANE, Math.ceil(sorted.length / CONCURRENT_LISTS));
  const lanes = Array.from({ length: Math.ceil(sorted.length / perLane) }, (_, lane) =>
    sorted.slice(lane * perLane, (lane + 1) * perLane),
  );
  return (await Promise.all(lanes.map((lane) => existingIn(objects, lane)))).flat();
}

async function existingIn(objects: Pick<ReadableDatasource, 'list'>, sorted: readonly string[]) {
  const prefix = commonFolder(sorted[0] ?? '', sorted.at(-1) ?? '');
  const found: DatasourceFile[] = [];
  let next = 0;
  let seenUntil = '';
  for (let wanted = sorted[0]; wanted !== undefined; wanted = sorted[next]) {
    // Nothing but this name and what begins with `….jso` is between the two.
    const justBefore = wanted.slice(0, -1);
    const after = byUtf8Bytes(justBefore, seenUntil) > 0 ? justBefore : seenUntil;
    const { files, isLast } = await objects.list({ prefix, after, limit: FILES_PER_LIST });
    const listed = new Map(files.map((file) => [file.name, file]));
    seenUntil = files.at(-1)?.name ?? seenUntil;
    for (; next < sorted.length; next++) {
      const name = sorted[next] as string;
      if (!isLast && byUtf8Bytes(name, seenUntil) > 0) break;
      const file = listed.get(name);
      if (file) found.push(file);
    }
  }
  return found;
}

/** Whole folders only: cutting elsewhere could leave half a character. */
function commonFolder(first: string, last: string): string {
  let length = 0;
  while (length < first.length && first[length] === last[length]) length++;
  return first.slice(0, first.lastIndexOf('/', length - 1) + 1);
}

/**
 * Reads documents, some at a time, and gives each to `take` in no particular order. What a single file is at fault for
 * is given to `skip`.
 *
 * @throws InvalidInputError where all of them together are too long
 */
export async function readDocuments<T>(
  objects: Pick<ReadableDatasource, 'open'>,
  files: readonly DatasourceFile[],
  reading: {
    readonly schema: ZodType<T>;
    readonly take: (file: string, document: T) => void;
    readonly skip: (file: string, reason: string) => void;
    readonly onFilesRead?: OnFilesRead | undefined;
  },
): Promise<void> {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  if (bytes > MOST_DOCUMENT_BYTES) {
    throw new InvalidInputError(
      `The ${files.length} files about the run's images, such as '${files[0]?.name}', have ${bytes} bytes together, ` +
        `and a run reads ${MOST_DOCUMENT_BYTES}. Let it look at fewer images (relevantFilenamesFile).`,
    );
  }
  let read = 0;
  await pMap(
    files,
    async ({ name }) => {
      const document = await documentOf(objects, name, reading.schema);
      if ('fault' in document) reading.skip(name, document.fault);
      else reading.take(name, document.content);
      read += 1;
      await reading.onFilesRead?.(read / files.length);
    },
    { concurrency: CONCURRENT_READS },
  );
}

/**
 * A document that must be right. Undefined where there is none.
 * @throws InvalidInputError naming the file and what is wrong
 */
export async function readDocument<T>(
  objects: Pick<ReadableDatasource, 'open'>,
  name: string,
  schema: ZodType<T>,
): Promise<T | undefined> {
  const document = await documentOf(objects, name, schema);
  if (!('fault' in document)) return document.content;
  if (document.fault === ABSENT) return undefined;
  throw new InvalidInputError(`The file ${name} is not valid: ${document.fault}.`);
}

const ABSENT = 'it is not there any more';
const MOST_FAULTS = 3;

async function documentOf<T>(
  objects: Pick<ReadableDatasource, 'open'>,
  name: string,
  schema: ZodType<T>,
): Promise<{ readonly content: T } | { readonly fault: string }> {
  const file = await objects.open(name).catch(archivedOrThrow);
  if (!file) return { fault: ABSENT };
  if ('fault' in file) return file;
  const bytes = await boundedBytes(file.body);
  if (!bytes) return { fault: `it is longer than ${LONGEST_DOCUMENT_BYTES} bytes` };
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return { fault: 'it is not JSON in UTF-8' };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { content: parsed.data };
  const faults = parsed.error.issues
    .slice(0, MOST_FAULTS)
    .map(({ path, message }) => `${path.join('.') || '(whole)'}: ${message}`);
  return { fault: faults.join('; ') };
}

function archivedOrThrow(error: unknown): { readonly fault: string } {
  if (error instanceof RejectedError) return { fault: 'it is in an archive storage class' };
  throw error;
}

/** Undefined where there are too many. Leaving the loop destroys the stream. */
async function boundedBytes(body: Readable): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > LONGEST_DOCUMENT_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
