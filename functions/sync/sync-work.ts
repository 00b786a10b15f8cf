import type { Dataset } from '#contracts/items';
import type { DatasetSync, RegistryCounts } from '#contracts/syncs';
import { findLivingDataset } from '#platform/datasets/living-dataset';
import {
  type Datasource,
  datasourceOf,
  isConfigured,
  type VersionedDatasource,
} from '#platform/datasources/datasources';
import { sendsEvents } from '#platform/datasources/input/input-buckets';
import type { CompareRule } from '#platform/syncs/differences';
import type { NameChunk } from '#platform/syncs/name-chunks';
import { placeDigestOf } from '#platform/syncs/place-digest';
import {
  chunksInOrder,
  type FoundSoFar,
  type KnownChunks,
  registryOfChunks,
} from '#platform/syncs/sync-memory';
import type { SyncDeps } from './sync-deps.ts';
import { type SyncTally, syncTally } from './sync-tally.ts';

/** How long (ms) nobody else works on a sync after its last sign of life. */
export const LEASE_MS = 2 * 60_000;

/** Why a sync does not go on now. `taken`: somebody else works on it, or has begun another one. */
export type Stop = 'time' | 'backlog' | 'paused' | 'deleted' | 'moved' | 'taken' | 'failed';

/** A sync that this process works on, and has leased. */
export interface SyncWork {
  readonly dataset: Dataset;
  readonly datasource: VersionedDatasource;
  readonly begun: DatasetSync;
  readonly tally: SyncTally;
  /**
   * What the registry has of a chunk that the last complete compare found in order, where nothing speaks against that;
   * undefined: it is to be looked up.
   */
  knownOf(chunk: NameChunk): RegistryCounts | undefined;
  /** Notes now and then where it has come to, and looks whether it may go on. */
  goesOn(): Promise<boolean>;
  stop(why: Stop): void;
  stopped(): Stop | undefined;
  /**
   * Notes where it has come to, one call after the other. False where somebody else has written since.
   * @param isEnd what was found so far is of no use any more
   */
  save(change?: (sync: DatasetSync) => DatasetSync, isEnd?: boolean): Promise<boolean>;
  /** It reads this report, wherever it goes on. */
  readsReport(manifest: string): void;
  /** It goes on as a listing, from the beginning. @param problem why no report is read */
  fallBackToListing(problem: string): void;
  sync(): DatasetSync;
}

/**
 * How an object is told from what the registry has. One that is young is left to its event: unless its store sends none,
 * somebody asks for what is there now, or the datasource was connected just now and none is under way for what is in it.
 * A time that is still to come says nothing about how young an object is: a clock is wrong, or somebody has set the time.
 */
export function compareRuleOf(
  { begun, datasource }: Pick<SyncWork, 'begun'> & { readonly datasource: Datasource },
  { now, limits }: Pick<SyncDeps, 'now' | 'limits'>,
): CompareRule {
  const { place } = datasource;
  const isFirst = begun.firstFinishedAt === undefined;
  if (isConfigured(datasource) && (isFirst || !sendsEvents(datasource))) return { place };
  if (begun.askedAt !== undefined) return { place };
  const until = now();
  return { place, young: { after: until - limits.youngestObjectMs, until } };
}

export interface ClaimedSync {
  readonly sync: DatasetSync;
  readonly dataset: Dataset;
  readonly datasource: VersionedDatasource;
  readonly known: KnownChunks | undefined;
  readonly found: FoundSoFar | undefined;
}

export function syncWork(claimed: ClaimedSync, timeIsUp: () => boolean, deps: SyncDeps): SyncWork {
  const { dataset, datasource, known, found, sync: begun } = claimed;
  const tally = syncTally(begun, found);
  const kept = keptSync(begun, tally, deps);
  const isTrusted = !begun.thorough && known?.placeDigest === begun.placeDigest;
  const trusted = registryOfChunks(isTrusted ? known.chunks : []);
  let stopped: Stop | undefined;
  const stop = (why: Stop | undefined): void => {
    stopped ??= why;
  };
  const save: SyncWork['save'] = async (...what) => {
    const isKept = await kept.save(...what);
    if (!isKept) stopped = 'taken';
    return isKept;
  };
  const look = nowAndThen(deps, async () => {
    // It may have been stopped for another reason meanwhile.
    stop(await reasonToStop(begun, deps));
    if (!stopped) await save();
  });
  return {
    ...{ dataset, datasource, begun, tally, stop, save },
    knownOf: ({ digest }) => trusted.get(digest),
    goesOn: async () => {
      if (timeIsUp()) stop('time');
      if (!stopped) await look();
      return stopped === undefined;
    },
    stopped: () => stopped,
    readsReport: (report) => kept.change((sync) => ({ ...sync, report })),
    fallBackToListing: (reportProblem) => {
      kept.change(({ report: _, ...sync }) => ({ ...sync, source: 'listing', reportProblem }));
      tally.divide([]);
    },
    sync: kept.sync,
  };
}

/** The item as it was written last; each writer names the version before its own. */
function keptSync(begun: DatasetSync, tally: SyncTally, { memory, syncs, now }: SyncDeps) {
  let stored = begun;
  let saving = Promise.resolve(true);
  const sync = (): DatasetSync => ({ ...stored, parts: [...tally.parts()], counts: tally.counts() });
  const write: SyncWork['save'] = async (change = (same) => same, isEnd = false) => {
    if (!isEnd) {
      const newest = [...tally.newest.newest()];
      const chunks = chunksInOrder(tally.inOrder);
      await memory.keepFoundSoFar(stored.datasetId, { syncId: stored.id, chunks, newest });
    }
    const at = now();
    const next = change({
      ...{ ...sync(), version: stored.version + 1, lastProgressAt: at, leaseUntil: at + LEASE_MS },
    });
    const isWritten = await syncs.replace(next);
    if (isWritten) stored = next;
    return isWritten;
  };
  const save: SyncWork['save'] = (...what) => {
    const next = () => write(...what);
    saving = saving.then(next, next);
    return saving;
  };
  const change = (changed: (sync: DatasetSync) => DatasetSync): void => {
    stored = changed(stored);
  };
  return { sync, save, change };
}

/** Those who come while it is being done wait for its end. */
function nowAndThen({ now, limits }: SyncDeps, work: () => Promise<void>): () => Promise<void> {
  let doneAt = now();
  let underWay: Promise<void> | undefined;
  return async () => {
    if (!underWay && now() - doneAt >= limits.saveEveryMs) {
      doneAt = now();
      underWay = work().finally(() => {
        underWay = undefined;
      });
    }
    await underWay;
  };
}

/** Settings, datasources and deletions are changed by others while a sync is under way. */
async function reasonToStop(
  { datasetId, placeDigest }: DatasetSync,
  deps: SyncDeps,
): Promise<Stop | undefined> {
  const backlog = await deps.ingestBacklog();
  const dataset = await findLivingDataset(datasetId, deps.datasets);
  if (!dataset) return 'deleted';
  if (dataset.pausedAt !== undefined) return 'paused';
  const stored = await deps.datasources.get(datasetId);
  if (placeDigestOf(datasourceOf(dataset, stored, 'INPUT')) !== placeDigest) return 'moved';
  return backlog > deps.limits.mostBacklog ? 'backlog' : undefined;
}
