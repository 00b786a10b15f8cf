import type { SyncPart } from '#contracts/syncs';
import type { NameRange } from '../datasources/name-order.ts';
import type { KnownChunks } from './sync-memory.ts';

/** Neighbours that have fewer objects than this together are listed as one: each part costs a request at least. */
const LEAST_LISTED = 1_000;
/** A part that has more than this, and many times as many as the others, is divided anew the next time. */
const MOST_LISTED = 100_000;
const MANY_TIMES = 4;
/** Ranges that a listing is divided into, and those that are listed at a time. */
export const PARTS_OF_LISTING = 16;
export const CONCURRENT_PARTS = 8;

export const newPart = ({ after, until }: NameRange): SyncPart => ({
  ...(after !== undefined && { after }),
  ...(until !== undefined && { until }),
  listed: 0,
  isDone: false,
});

/**
 * How the next listing is to be divided; undefined where that should be found out anew. Bounds are kept or left out, never
 * moved: what was found in order between two of them stays known.
 */
export function nextRanges(parts: readonly SyncPart[]): KnownChunks['ranges'] | undefined {
  if (isUneven(parts)) return undefined;
  const ranges: (NameRange & { readonly listed: number })[] = [];
  for (const { after, until, listed } of parts) {
    const last = ranges.at(-1);
    if (last && last.listed + listed < LEAST_LISTED) {
      ranges[ranges.length - 1] = { after: last.after, until, listed: last.listed + listed };
    } else ranges.push({ after, until, listed });
  }
  return ranges.map(({ after, until }) => ({
    ...(after !== undefined && { after }),
    ...(until !== undefined && { until }),
  }));
}

function isUneven(parts: readonly SyncPart[]): boolean {
  const listed = parts.map((part) => part.listed);
  const largest = Math.max(...listed);
  const mean = listed.reduce((sum, count) => sum + count, 0) / listed.length;
  return largest > MOST_LISTED && (parts.length < PARTS_OF_LISTING / 2 || largest > MANY_TIMES * mean);
}
