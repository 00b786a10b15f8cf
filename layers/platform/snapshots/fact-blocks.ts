import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { InvalidInputError } from '#contracts/errors';
import type { ImageFacts, ImageMetadata } from '#contracts/image-facts';
import type { RegisteredRawSample, RejectedRawSample } from '#contracts/items';
import { objectId, parseJsonWith } from '#contracts/schema';

/*
 * What is known of many images in one object: blocks of bytes, each after its kind and its length (two uint32,
 * little-endian as all numbers here). The first is the header, as JSON. Then, for up to 10,000 images at a time in the
 * order of file names: their fields as gzipped JSON, a list of values for each field; the numbers of their metadata as
 * float64; and their vectors as float32, which don't compress. The vectors of all parts come to lie one after the other
 * in one block of memory.
 */

/** An image that runs have read: anything but what was deleted or archived. */
export type ReadRawSample = RegisteredRawSample | RejectedRawSample;

const VERSION = 1;
const IMAGES_PER_PART = 10_000;
const KIND = { header: 1, fields: 2, numbers: 3, vectors: 4 } as const;
const BLOCK_HEAD_BYTES = 8;

const header = z.strictObject({
  version: z.literal(VERSION),
  datasetId: objectId,
  rows: z.int().nonnegative(),
  /** Float32 values of all vectors. */
  values: z.int().nonnegative(),
  /** File names that are not there any more. */
  removed: z.array(z.string()),
});

/** How many numbers each of them has. Another one changes the format: raise {@link VERSION} with it. */
const NUMBER_COUNTS = {
  mean: 3,
  std: 3,
  sumOfValues: 3,
  sumOfSquares: 3,
  snr: 1,
  sharpness: 1,
  sizeInBytes: 1,
  shape: 3,
  luminance: 1,
  uniformRowRatio: 1,
} as const satisfies Record<keyof ImageMetadata, number>;
const NUMBERS = Object.entries(NUMBER_COUNTS) as [keyof ImageMetadata, number][];
const NUMBERS_PER_IMAGE = NUMBERS.reduce((sum, [, count]) => sum + count, 0);

export interface FactBlocks {
  readonly rows: readonly ReadRawSample[];
  readonly removed: readonly string[];
}

/** The blocks of images. @param rows by file name */
export function* factBlocks(datasetId: string, { rows, removed }: FactBlocks): Generator<Buffer> {
  const values = rows.reduce((sum, row) => sum + vectorOf(row).length, 0);
  const head = { version: VERSION, datasetId, rows: rows.length, values, removed };
  yield* block(KIND.header, Buffer.from(JSON.stringify(head)));
  for (let from = 0; from < rows.length; from += IMAGES_PER_PART) {
    const part = rows.slice(from, from + IMAGES_PER_PART);
    yield* block(KIND.fields, gzipSync(JSON.stringify(fieldsOf(part)), { level: 1 }));
    yield* block(KIND.numbers, numbersOf(part));
    yield* block(KIND.vectors, vectorsOf(part));
  }
}

function* block(kind: number, payload: Buffer): Generator<Buffer> {
  const head = Buffer.alloc(BLOCK_HEAD_BYTES);
  head.writeUInt32LE(kind, 0);
  head.writeUInt32LE(payload.length, 4);
  yield head;
  yield payload;
}

const NO_VECTOR = new Float32Array(0);
const vectorOf = (row: ReadRawSample): Float32Array =>
  row.state === 'registered' ? row.facts.embedding : NO_VECTOR;

type Columns = Record<string, unknown[]>;

/** Fields of the images and of their facts, column by column; null where an image has no such field. */
function fieldsOf(part: readonly ReadRawSample[]): { own: Columns; facts: Columns; lengths: number[] } {
  const own: Columns = {};
  const facts: Columns = {};
  for (const [at, row] of part.entries()) {
    const { facts: factsOfRow, datasetId: _, ...fields } = row as RegisteredRawSample;
    setAll(own, { ...fields, pending: false }, at, part.length);
    if (row.state !== 'registered') continue;
    const { metadata: __, embedding: ___, ...others } = factsOfRow;
    setAll(facts, others, at, part.length);
  }
  return { own, facts, lengths: part.map((row) => vectorOf(row).length) };
}

function setAll(columns: Columns, fields: object, at: number, length: number): void {
  for (const [name, value] of Object.entries(fields)) {
    columns[name] ??= new Array<unknown>(length).fill(null);
    columns[name][at] = value;
  }
}

function numbersOf(part: readonly ReadRawSample[]): Buffer {
  const numbers = new Float64Array(part.length * NUMBERS_PER_IMAGE);
  for (const [row, rawSample] of part.entries()) {
    if (rawSample.state !== 'registered') continue;
    let at = row * NUMBERS_PER_IMAGE;
    for (const [name] of NUMBERS) {
      for (const number of [rawSample.facts.metadata[name]].flat()) numbers[at++] = number;
    }
  }
  return Buffer.from(numbers.buffer);
}

function vectorsOf(part: readonly ReadRawSample[]): Buffer {
  const vectors = part.map(vectorOf).map((vector) => bytesOf(vector));
  return Buffer.concat(vectors);
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array): Buffer =>
  Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);

/**
 * Reads what {@link factBlocks} wrote. The vectors are views of one Float32Array.
 * @throws InvalidInputError where it is of another version or dataset, cut short, or damaged
 */
export async function readFactBlocks(
  datasetId: string,
  chunks: AsyncIterable<Uint8Array>,
): Promise<FactBlocks> {
  let head: z.infer<typeof header> | undefined;
  let fields: ReturnType<typeof fieldsOf> | undefined;
  let numbers = new Float64Array(0);
  let vectors: Float32Array<ArrayBuffer> = new Float32Array(0);
  let filled = 0;
  const rows: ReadRawSample[] = [];
  const take = ({ kind, payload }: Block): void => {
    if (kind === KIND.header) {
      head = parseJsonWith(header, payload.toString(), 'The header of the facts');
      vectors = new Float32Array(head.values);
    } else if (kind === KIND.fields) {
      fields = JSON.parse(gunzipSync(payload).toString()) as ReturnType<typeof fieldsOf>;
    } else if (kind === KIND.numbers) {
      numbers = new Float64Array(Uint8Array.from(payload).buffer);
    } else if (kind === KIND.vectors && fields) {
      new Uint8Array(vectors.buffer).set(payload, filled * Float32Array.BYTES_PER_ELEMENT);
      for (let at = 0; at < fields.lengths.length; at++) {
        const end = filled + (fields.lengths[at] as number);
        rows.push(rowAt(at, { datasetId, fields, numbers, vector: vectors.subarray(filled, end) }));
        filled = end;
      }
    }
  };
  for await (const block of blocksOf(chunks)) unlessDamaged(() => take(block));
  if (head?.datasetId !== datasetId || rows.length !== head.rows || filled !== head.values) {
    throw new InvalidInputError('The facts are of another dataset, or not whole.');
  }
  return { rows, removed: head.removed };
}

/** Whatever bytes that nobody has written lead to is the same: they can't be read. */
function unlessDamaged(read: () => void): void {
  try {
    read();
  } catch (cause) {
    throw cause instanceof InvalidInputError
      ? cause
      : new InvalidInputError('The facts are damaged.', { cause });
  }
}

interface Part {
  readonly datasetId: string;
  readonly fields: ReturnType<typeof fieldsOf>;
  readonly numbers: Float64Array;
  readonly vector: Float32Array<ArrayBuffer>;
}

/** As it was: what was written had passed its schema, so it is not checked image by image. */
function rowAt(at: number, { datasetId, fields, numbers, vector }: Part): ReadRawSample {
  const row: Record<string, unknown> = { datasetId };
  setFields(row, fields.own, at);
  if (row.state !== 'registered') return row as unknown as ReadRawSample;
  const facts: Partial<ImageFacts> = { metadata: metadataAt(numbers, at), embedding: vector };
  setFields(facts as Record<string, unknown>, fields.facts, at);
  return { ...row, facts } as unknown as ReadRawSample;
}

function setFields(target: Record<string, unknown>, columns: Columns, at: number): void {
  for (const name in columns) {
    const value = columns[name]?.[at];
    if (value !== null) target[name] = value;
  }
}

function metadataAt(numbers: Float64Array, row: number): ImageMetadata {
  const metadata: Record<string, number | number[]> = {};
  let at = row * NUMBERS_PER_IMAGE;
  for (const [name, count] of NUMBERS) {
    metadata[name] = count === 1 ? (numbers[at] as number) : Array.from(numbers.subarray(at, at + count));
    at += count;
  }
  return metadata as unknown as ImageMetadata;
}

interface Block {
  readonly kind: number;
  readonly payload: Buffer;
}

async function* blocksOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Block> {
  let waiting: Uint8Array[] = [];
  let bytes = 0;
  let wanted = BLOCK_HEAD_BYTES;
  let kind: number | undefined;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    bytes += chunk.length;
    while (bytes >= wanted) {
      const all = Buffer.concat(waiting);
      const taken = all.subarray(0, wanted);
      waiting = [all.subarray(wanted)];
      bytes -= wanted;
      if (kind === undefined) {
        kind = taken.readUInt32LE(0);
        wanted = taken.readUInt32LE(4);
      } else {
        yield { kind, payload: taken };
        kind = undefined;
        wanted = BLOCK_HEAD_BYTES;
      }
    }
  }
  if (bytes > 0 || kind !== undefined) throw new InvalidInputError('The facts are cut short.');
}
