import { DatasourceError, InvalidInputError, RetryableError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { DatasetSync } from '#contracts/syncs';
import { problemOf } from '#platform/datasources/datasource-states';
import { datasourceOf } from '#platform/datasources/datasources';
import { doneSync, failedSync, type ListingMessage, messageToGoOn } from '#platform/syncs/next-sync';
import { chunksInOrder, type KnownChunks } from '#platform/syncs/sync-memory';
import { nextRanges } from '#platform/syncs/sync-parts';
import { askAgain, claimSync } from './claim-sync.ts';
import { listEverything } from './list-everything.ts';
import { readInventory } from './read-inventory.ts';
import type { SyncDeps } from './sync-deps.ts';
import { type Stop, type SyncWork, syncWork } from './sync-work.ts';

/** Before a sync goes on that waits for ingest, or for a store that is overloaded (s). */
const BACKLOG_SECONDS = 60;
const OVERLOADED_SECONDS = 30;

/**
 * Begins a sync, or goes on with the one that is under way, until everything is listed or there is no time left. What of
 * it was done before is not done again.
 */
export async function carryOutSync(
  message: ListingMessage,
  dataset: Dataset,
  timeIsUp: () => boolean,
  deps: SyncDeps,
): Promise<void> {
  const datasource = datasourceOf(dataset, await deps.datasources.get(dataset.id), 'INPUT');
  const claim = await claimSync(message, dataset, datasource, deps);
  if (!claim) return;
  const { sync, isAskedForAgain } = claim;
  const [known, found] = await Promise.all([
    deps.memory.known(dataset.id),
    deps.memory.foundSoFar(dataset.id, sync.id),
  ]);
  const work = syncWork({ sync, dataset, datasource, known, found }, timeIsUp, deps);
  const before = sync.counts;
  try {
    await workThrough(work, known, deps);
  } finally {
    const { counts } = work.sync();
    const asked = counts.missed + counts.changed - before.missed - before.changed;
    deps.telemetry.count('ObjectsListed', counts.listed - before.listed);
    deps.telemetry.count('ObjectsMissed', asked);
    deps.telemetry.count('ObjectsGone', counts.gone - before.gone);
  }
  // Not before: a message that fails comes back by itself, and each time there would be one more.
  if (isAskedForAgain) await askAgain(message, work.sync().state, deps);
}

async function workThrough(work: SyncWork, known: KnownChunks | undefined, deps: SyncDeps): Promise<void> {
  try {
    if (work.sync().source === 'inventory') await inventoryOrListing(work, known, deps);
    else await listEverything(work, known, deps);
  } catch (error) {
    return endWithError(work, error, deps);
  }
  const stopped = work.stopped();
  if (work.tally.parts().every(({ isDone }) => isDone) && !stopped) return complete(work, known, deps);
  return goOnLater(work, stopped ?? 'time', deps);
}

async function inventoryOrListing(
  work: SyncWork,
  known: KnownChunks | undefined,
  deps: SyncDeps,
): Promise<void> {
  try {
    await readInventory(work, deps);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    const { id: datasetId } = work.dataset;
    deps.telemetry.log('warn', 'The inventory is not read; the bucket is listed', {
      ...{ datasetId, reason: error.message },
    });
    work.fallBackToListing(error.message);
    await listEverything(work, known, deps);
  }
}

async function complete(work: SyncWork, known: KnownChunks | undefined, deps: SyncDeps): Promise<void> {
  const { memory, syncQueue, telemetry, now } = deps;
  const { dataset, begun, tally } = work;
  const { kind, source, counts } = work.sync();
  const { placeDigest, startedAt, acceptRemovals } = begun;
  if (kind === 'compare' && source === 'listing') {
    const chunks = chunksInOrder(tally.inOrder);
    await memory.keepKnown(
      dataset.id,
      { placeDigest, ranges: nextRanges(tally.parts()) ?? [], chunks },
      known,
    );
    await memory.keepNewest(dataset.id, {
      placeDigest,
      listedAt: startedAt,
      objects: [...work.tally.newest.newest()],
    });
  }
  if (!(await work.save((sync) => doneSync(sync, now()), true))) return;
  // What came after the report, and what is gone, shows in a listing only.
  if (source === 'inventory') {
    await syncQueue.send({
      ...{ datasetId: dataset.id, work: 'compare' },
      ...(acceptRemovals && { acceptRemovals }),
    });
  }
  telemetry.log('info', 'Sync done', { datasetId: dataset.id, kind, source, ...counts });
}

const withoutLease = ({ leaseUntil: _, ...sync }: DatasetSync): DatasetSync => sync;

async function goOnLater(work: SyncWork, why: Stop, deps: SyncDeps): Promise<void> {
  const { id: datasetId } = work.dataset;
  deps.telemetry.log('info', 'Sync goes on later', { datasetId, why });
  if (why === 'taken' || why === 'deleted') return;
  if (!(await work.save(withoutLease))) return;
  // Whoever resumes a dataset has it compared.
  if (why === 'paused') return;
  const delaySeconds = why === 'backlog' ? BACKLOG_SECONDS : 0;
  await deps.syncQueue.send(messageToGoOn(work.sync()), { delaySeconds });
}

/**
 * Notes what a datasource has refused. False where another one took its place meanwhile, against which that is not held.
 */
async function noteRefusal(
  { dataset: { id }, datasource: { version } }: SyncWork,
  error: InvalidInputError,
  { datasources, states, now }: SyncDeps,
): Promise<boolean> {
  if (((await datasources.get(id))?.version ?? 0) !== version) return false;
  if (!(error instanceof DatasourceError)) return true;
  return states.noteProblem(id, version, problemOf(error, { use: 'INPUT', at: now() }));
}

/** What the owner of the datasource has to put right ends the sync; it goes on once that is done. */
async function endWithError(work: SyncWork, error: unknown, deps: SyncDeps): Promise<void> {
  const { id: datasetId } = work.dataset;
  const hasProgress = work.sync().counts.listed > work.begun.counts.listed;
  if (error instanceof InvalidInputError) {
    if (!(await noteRefusal(work, error, deps))) return goOnLater(work, 'moved', deps);
    deps.telemetry.log('warn', 'Sync failed', { datasetId, code: error.code });
    await work.save((sync) => failedSync(sync, { error: error.message, hasListed: hasProgress }));
    return;
  }
  const isKept = await work.save(withoutLease);
  // A message that comes back too often rests in the DLQ; one that has led to something need not come back.
  if (!(error instanceof RetryableError) || !hasProgress || !isKept) throw error;
  deps.telemetry.log('warn', 'Sync is interrupted', { datasetId, code: error.code });
  await deps.syncQueue.send(messageToGoOn(work.sync()), { delaySeconds: OVERLOADED_SECONDS });
}
