import type { DatasetSync, SyncCounts, SyncPart } from '#contracts/syncs';
import type { NameChunk } from '#platform/syncs/name-chunks';
import { type NewestCollector, newestCollector } from '#platform/syncs/newest-objects';
import type { FoundSoFar } from '#platform/syncs/sync-memory';

/** What ingest was asked to look at. */
export type Requested = Pick<SyncCounts, 'missed' | 'changed' | 'gone'>;

/** What a sync has found so far, and where it has come to. */
export interface SyncTally {
  parts(): readonly SyncPart[];
  counts(): SyncCounts;
  /** Of the chunks that were in order. */
  readonly digests: ReadonlySet<string>;
  readonly newest: NewestCollector;
  divide(parts: readonly SyncPart[]): void;
  countRequest(): void;
  /** Everything up to the end of the chunk is done. */
  commit(index: number, chunk: NameChunk, requested: Requested, isInOrder: boolean): void;
  /** The part is done, or has come to a place of its own kind. */
  advance(index: number, change: Partial<SyncPart>): void;
}

/** Positions and counts change together and at once, so that what is noted of them is true at any moment. */
export function syncTally(
  begun: Pick<DatasetSync, 'parts' | 'counts'>,
  found: FoundSoFar | undefined,
): SyncTally {
  let parts: readonly SyncPart[] = begun.parts;
  let { counts } = begun;
  const digests = new Set(found?.digests);
  const advance: SyncTally['advance'] = (index, change) => {
    parts = parts.map((part, at) => (at === index ? { ...part, ...change } : part));
  };
  return {
    ...{ digests, advance, newest: newestCollector(found?.newest ?? []) },
    parts: () => parts,
    counts: () => counts,
    divide: (into) => {
      parts = into;
    },
    countRequest: () => {
      counts = { ...counts, requests: counts.requests + 1 };
    },
    commit: (index, chunk, requested, isInOrder) => {
      const listed = (parts[index]?.listed ?? 0) + chunk.files.length;
      const position = chunk.until ?? chunk.files.at(-1)?.name;
      advance(index, { listed, ...(position !== undefined && { position }) });
      counts = withChunk(counts, chunk, requested);
      if (isInOrder) digests.add(chunk.digest);
    },
  };
}

function withChunk(
  counts: SyncCounts,
  { files }: NameChunk,
  { missed, changed, gone }: Requested,
): SyncCounts {
  const skipped = { ...counts.skipped };
  for (const { skipped: reason } of files) {
    if (reason !== undefined) skipped[reason] = (skipped[reason] ?? 0) + 1;
  }
  return {
    ...{ requests: counts.requests, listed: counts.listed + files.length, skipped },
    missed: counts.missed + missed,
    changed: counts.changed + changed,
    gone: counts.gone + gone,
  };
}
