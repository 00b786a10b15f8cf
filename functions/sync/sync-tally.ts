import type { DatasetSync, RegistryCounts, SyncCounts, SyncPart } from '#contracts/syncs';
import type { NameChunk } from '#platform/syncs/name-chunks';
import { type NewestCollector, newestCollector } from '#platform/syncs/newest-objects';
import { NO_REGISTRY, sumOfRegistry } from '#platform/syncs/registry-counts';
import { type FoundSoFar, type RegistryOfChunks, registryOfChunks } from '#platform/syncs/sync-memory';

/** What ingest was asked to look at. */
export type Requested = Required<Pick<SyncCounts, 'missed' | 'missedInArchive' | 'changed' | 'gone'>>;

/** What came of a chunk. */
export interface Settled {
  readonly requested: Requested;
  /** What the registry has of its names; undefined where nobody asked. */
  readonly registry?: RegistryCounts | undefined;
  readonly isInOrder: boolean;
}

/** What a sync has found so far, and where it has come to. */
export interface SyncTally {
  parts(): readonly SyncPart[];
  counts(): SyncCounts;
  /** The chunks that were in order, by digest. */
  readonly inOrder: RegistryOfChunks;
  readonly newest: NewestCollector;
  divide(parts: readonly SyncPart[]): void;
  countRequest(): void;
  /** Everything up to the end of the chunk is done. */
  commit(index: number, chunk: NameChunk, settled: Settled): void;
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
  const inOrder = registryOfChunks(found?.chunks);
  const advance: SyncTally['advance'] = (index, change) => {
    parts = parts.map((part, at) => (at === index ? { ...part, ...change } : part));
  };
  return {
    ...{ inOrder, advance, newest: newestCollector(found?.newest ?? []) },
    parts: () => parts,
    counts: () => counts,
    divide: (into) => {
      parts = into;
    },
    countRequest: () => {
      counts = { ...counts, requests: counts.requests + 1 };
    },
    commit: (index, chunk, settled) => {
      const listed = (parts[index]?.listed ?? 0) + chunk.files.length;
      const position = chunk.until ?? chunk.files.at(-1)?.name;
      advance(index, { listed, ...(position !== undefined && { position }) });
      counts = withChunk(counts, chunk, settled);
      if (settled.isInOrder && settled.registry) inOrder.set(chunk.digest, settled.registry);
    },
  };
}

function withChunk(
  counts: SyncCounts,
  { files }: NameChunk,
  { requested: { missed, missedInArchive, changed, gone }, registry }: Settled,
): SyncCounts {
  const skipped = { ...counts.skipped };
  for (const { skipped: reason } of files) {
    if (reason !== undefined) skipped[reason] = (skipped[reason] ?? 0) + 1;
  }
  return {
    ...{ requests: counts.requests, listed: counts.listed + files.length, skipped },
    missed: counts.missed + missed,
    missedInArchive: (counts.missedInArchive ?? 0) + missedInArchive,
    changed: counts.changed + changed,
    gone: counts.gone + gone,
    ...(registry && { registry: sumOfRegistry(counts.registry ?? NO_REGISTRY, registry) }),
  };
}
