import type { Dataset } from '#contracts/items';
import type { DatasetSync, SyncCounts, SyncPart } from '#contracts/syncs';
import { findLivingDataset } from '#platform/datasets/living-dataset';
import { type Datasource, datasourceOf } from '#platform/datasources/datasources';
import type { NameChunk } from '#platform/syncs/name-chunks';
import { newestCollector } from '#platform/syncs/newest-objects';
import type { FoundSoFar, KnownChunks } from '#platform/syncs/sync-memory';
import { syncPlaceOf } from '#platform/syncs/sync-place';
import type { SyncDeps } from './sync-deps.ts';

/** How long (ms) nobody else works on a sync after its last sign of life. */
export const LEASE_MS = 2 * 60_000;

/** Why a sync does not go on now. `taken`: somebody else works on it, or has begun another one. */
export type Stop = 'time' | 'backlog' | 'paused' | 'deleted' | 'moved' | 'taken' | 'failed';

/** What ingest was asked to look at. */
export type Requested = Pick<SyncCounts, 'missed' | 'changed' | 'gone'>;

/** A sync that this process works on, and has leased. */
export interface SyncWork {
  readonly dataset: Dataset;
  readonly datasource: Datasource;
  readonly begun: Pick<
    DatasetSync,
    'id' | 'kind' | 'scope' | 'place' | 'startedAt' | 'firstFinishedAt' | 'counts'
  >;
  readonly parts: readonly SyncPart[];
  readonly newest: ReturnType<typeof newestCollector>;
  readonly digests: ReadonlySet<string>;
  /** True where the last complete compare found the chunk in order and nothing speaks against that. */
  isKnown(chunk: NameChunk): boolean;
  divide(parts: readonly SyncPart[]): void;
  /** It goes on as a listing, from the beginning. */
  fallBackToListing(): void;
  countRequest(): void;
  /** Everything up to the end of the chunk is done. */
  commit(index: number, chunk: NameChunk, requested: Requested, isInOrder: boolean): void;
  /** The part is done, or has come to a place of its own kind. */
  advance(index: number, change: Partial<SyncPart>, requested?: Requested): void;
  /** Notes now and then where it has come to, and looks whether it may go on. */
  goesOn(): Promise<boolean>;
  stop(why: Stop): void;
  stopped(): Stop | undefined;
  /** Notes where it has come to. False where somebody else has written since. */
  save(change?: (sync: DatasetSync) => DatasetSync, options?: { readonly isEnd?: boolean }): Promise<boolean>;
  sync(): DatasetSync;
}

export interface ClaimedSync {
  readonly sync: DatasetSync;
  readonly dataset: Dataset;
  readonly datasource: Datasource;
  readonly known: KnownChunks | undefined;
  readonly found: FoundSoFar | undefined;
}

/** Positions and counts change together and at once, so that what is noted of them is true at any moment. */
export function syncWork(claimed: ClaimedSync, timeIsUp: () => boolean, deps: SyncDeps): SyncWork {
  const { dataset, datasource, known, found } = claimed;
  let stored = claimed.sync;
  let parts: readonly SyncPart[] = stored.parts;
  let counts = stored.counts;
  let stopped: Stop | undefined;
  let lookedAt = deps.now();
  let looking: Promise<void> | undefined;
  let saving = Promise.resolve(true);
  const digests = new Set(found?.digests);
  const trusted = new Set(stored.thorough || known?.place !== stored.place ? [] : known.digests);
  const newest = newestCollector(found?.newest ?? []);
  const advance: SyncWork['advance'] = (index, change, requested) => {
    parts = parts.map((part, at) => (at === index ? { ...part, ...change } : part));
    if (requested) counts = withRequested(counts, requested);
  };
  const write: SyncWork['save'] = async (change = (sync) => sync, { isEnd = false } = {}) => {
    if (!isEnd) {
      const soFar = { syncId: stored.id, digests: [...digests], newest: [...newest.newest()] };
      await deps.memory.keepFoundSoFar(dataset.id, soFar);
    }
    const now = deps.now();
    const next = change({
      ...{ ...stored, version: stored.version + 1, parts: [...parts], counts },
      ...{ lastProgressAt: now, leaseUntil: now + LEASE_MS },
    });
    if (await deps.syncs.replace(next)) {
      stored = next;
      return true;
    }
    stopped = 'taken';
    return false;
  };
  /** One after the other: each of them names the version before it. */
  const save: SyncWork['save'] = (...what) => {
    saving = saving.then(
      () => write(...what),
      () => write(...what),
    );
    return saving;
  };
  const look = async () => {
    const reason = await reasonToStop(stored, deps);
    // It may have been stopped for another reason meanwhile.
    stopped ??= reason;
    if (!stopped) await save();
  };
  return {
    ...{ dataset, datasource, digests, newest, begun: stored, advance, save },
    get parts() {
      return parts;
    },
    isKnown: ({ digest }) => trusted.has(digest),
    divide: (into) => {
      parts = into;
    },
    fallBackToListing: () => {
      stored = { ...stored, source: 'listing' };
      parts = [];
    },
    countRequest: () => {
      counts = { ...counts, requests: counts.requests + 1 };
    },
    commit: (index, chunk, requested, isInOrder) => {
      const { listed = 0 } = parts[index] ?? {};
      const position = chunk.until ?? chunk.files.at(-1)?.name;
      advance(
        index,
        { listed: listed + chunk.files.length, ...(position !== undefined && { position }) },
        requested,
      );
      counts = withChunk(counts, chunk);
      if (isInOrder) digests.add(chunk.digest);
    },
    goesOn: async () => {
      if (!stopped && timeIsUp()) stopped = 'time';
      if (stopped) return false;
      if (!looking && deps.now() - lookedAt >= deps.limits.saveEveryMs) {
        lookedAt = deps.now();
        looking = look().finally(() => {
          looking = undefined;
        });
      }
      await looking;
      return stopped === undefined;
    },
    stop: (why) => {
      stopped ??= why;
    },
    stopped: () => stopped,
    sync: () => ({ ...stored, parts: [...parts], counts }),
  };
}

const withRequested = (counts: SyncCounts, { missed, changed, gone }: Requested): SyncCounts => ({
  ...counts,
  missed: counts.missed + missed,
  changed: counts.changed + changed,
  gone: counts.gone + gone,
});

function withChunk(counts: SyncCounts, { files }: NameChunk): SyncCounts {
  const skipped = { ...counts.skipped };
  for (const { skipped: reason } of files) {
    if (reason !== undefined) skipped[reason] = (skipped[reason] ?? 0) + 1;
  }
  return { ...counts, listed: counts.listed + files.length, skipped };
}

/** Settings, datasources and deletions are changed by others while a sync is under way. */
async function reasonToStop({ datasetId, place }: DatasetSync, deps: SyncDeps): Promise<Stop | undefined> {
  const backlog = await deps.ingestBacklog();
  const dataset = await findLivingDataset(datasetId, deps.datasets);
  if (!dataset) return 'deleted';
  if (dataset.pausedAt !== undefined) return 'paused';
  const stored = await deps.datasources.get(datasetId);
  if (syncPlaceOf(datasourceOf(dataset, stored, 'INPUT')) !== place) return 'moved';
  return backlog > deps.limits.mostBacklog ? 'backlog' : undefined;
}
