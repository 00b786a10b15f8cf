import { RetryableError } from '#contracts/errors';
import type { ObjectId } from '#contracts/schema';
import { hasIndex, indexesOfMask, sizeOfMask } from './bit-mask.ts';
import { type IndexRange, rangesOf } from './index-ranges.ts';

/** Reads whatever belongs to the samples of a range of indexes, ascending. */
export type ReadRange<Row> = (datasetId: ObjectId, from: number, to: number) => AsyncIterable<Row>;

/** Of the samples of a tag in order of their index, those from `offset` on, at most `size` of them. */
export interface TagPage {
  readonly offset?: number;
  readonly size?: number;
}

/** Reading over so many samples that are not asked for costs less than one more request. */
const WIDEST_GAP = 48;
/** Samples that are in memory at a time, where they are read in many requests. */
const MOST_SAMPLES_IN_MEMORY = 1_000;
const CONCURRENT_READS = 16;

/** Number of samples on a page of a tag. */
export function sizeOfPage(mask: string, { offset = 0, size = Number.POSITIVE_INFINITY }: TagPage): number {
  return Math.min(Math.max(sizeOfMask(mask) - offset, 0), size);
}

/**
 * What `read` has of the samples on a page of a tag, by index. A tag whose samples lie together is streamed; for one
 * whose samples are scattered, a few small ranges are read at a time. Samples that are not there are left out.
 */
export async function* rowsOfTag<Row extends { readonly index: number }>(
  { datasetId, bitMaskData }: { readonly datasetId: ObjectId; readonly bitMaskData: string },
  page: TagPage,
  read: ReadRange<Row>,
): AsyncGenerator<Row> {
  const readTagged = async function* ({ from, to }: IndexRange): AsyncGenerator<Row> {
    for await (const row of read(datasetId, from, to)) if (hasIndex(bitMaskData, row.index)) yield row;
  };
  const ranges = rangesOf(tagPage(indexesOfMask(bitMaskData), page), WIDEST_GAP);
  for (const batch of batchesOf(ranges)) {
    const [first, ...others] = batch;
    if (first && others.length === 0) {
      yield* readTagged(first);
      continue;
    }
    const found = await Promise.all(batch.map((range) => Array.fromAsync(readTagged(range))));
    for (const rows of found) yield* rows;
  }
}

/**
 * As {@link rowsOfTag}, for whoever can't do with less than all of them: a page that is short would be taken for the
 * last one.
 *
 * @throws RetryableError at the end, where some were not there
 */
export async function* everyRowOfTag<Row extends { readonly index: number }>(
  tag: { readonly id: ObjectId; readonly datasetId: ObjectId; readonly bitMaskData: string },
  page: TagPage,
  read: ReadRange<Row>,
): AsyncGenerator<Row> {
  let found = 0;
  for await (const row of rowsOfTag(tag, page, read)) {
    found += 1;
    yield row;
  }
  const size = sizeOfPage(tag.bitMaskData, page);
  if (found === size) return;
  throw new RetryableError('SAMPLES_MISSING', `Found ${found} of ${size} samples of tag '${tag.id}'.`);
}

/** The indexes on a page, of all indexes of a tag. */
export function* tagPage(
  indexes: Iterable<number>,
  { offset = 0, size = Number.POSITIVE_INFINITY }: TagPage,
) {
  let position = 0;
  for (const index of indexes) {
    if (position >= offset + size) return;
    if (position >= offset) yield index;
    position += 1;
  }
}

/** Ranges that are read at the same time. A long one is read alone. */
function* batchesOf(ranges: Iterable<IndexRange>): Generator<IndexRange[]> {
  let batch: IndexRange[] = [];
  let samples = 0;
  for (const range of ranges) {
    const length = range.to - range.from;
    if (
      batch.length > 0 &&
      (batch.length === CONCURRENT_READS || samples + length > MOST_SAMPLES_IN_MEMORY)
    ) {
      yield batch;
      batch = [];
      samples = 0;
    }
    batch.push(range);
    samples += length;
  }
  if (batch.length > 0) yield batch;
}
