import type { Dataset, ScheduledRun } from '#contracts/items';
import { stillWaitsFor } from '#platform/runs/datasource-waits';
import { nextForBuiltInWorker } from '#platform/workers/external-workers';
import type { ReconcileDeps } from './reconcile-deps.ts';

/** A worker gives a sign of life every few seconds; after this long (ms) without one it is dead. */
const DEAD_AFTER_MS = 2 * 60_000;
/** A message of a run that was made or unlocked this recently (ms) is under way. */
const MESSAGE_UNDER_WAY_MS = 60_000;

/**
 * Scheduled runs that nobody works on although the built-in worker could: OPEN while the dataset is free, or LOCKED by
 * it and its process dead, or by a worker that only plans and is silent. What other workers have locked is theirs, dead
 * or alive; what is left to them while they are at work is not stalled. Frees a dataset whose lock was left behind by a run that has ended.
 *
 * @returns number of run messages sent and locks released
 */
export async function repairStalledRuns(dataset: Dataset, deps: ReconcileDeps): Promise<number> {
  const unfinished = await deps.scheduledRuns.listUnfinished(dataset.id);
  const released = await releaseLockOfEndedRun(dataset, deps);
  const isFree = dataset.lockedBy === undefined || released;
  const stalled = await stalledRuns(dataset, unfinished, isFree, deps);
  for (const { id: scheduledId } of stalled) {
    await deps.runQueue.send({ datasetId: dataset.id, scheduledId });
    deps.telemetry.log('warn', 'Run was stalled', { datasetId: dataset.id, scheduledId });
  }
  return stalled.length + (released ? 1 : 0);
}

async function releaseLockOfEndedRun({ id, lockedBy }: Dataset, deps: ReconcileDeps): Promise<boolean> {
  if (lockedBy === undefined) return false;
  const holder = await deps.scheduledRuns.get(lockedBy);
  if (holder?.state === 'OPEN' || holder?.state === 'LOCKED') return false;
  await deps.datasets.unlock(id, lockedBy);
  deps.telemetry.log('warn', 'Lock was left behind', { datasetId: id, scheduledId: lockedBy });
  return true;
}

async function stalledRuns(
  dataset: Dataset,
  unfinished: readonly ScheduledRun[],
  isFree: boolean,
  deps: ReconcileDeps,
): Promise<ScheduledRun[]> {
  const locked = unfinished.filter(({ state }) => state === 'LOCKED');
  const dead: ScheduledRun[] = [];
  for (const candidate of locked) {
    const isOurs = candidate.workerId === undefined || candidate.handsInPlan === true;
    if (isOurs && (await isWorkerDead(candidate, deps))) dead.push(candidate);
  }
  if (locked.length > 0) return dead;
  // A worker that died between the dataset's lock and the run's own left an OPEN one that holds the lock.
  const next = isFree
    ? await nextForBuiltInWorker(dataset, unfinished, deps)
    : unfinished.find(({ id }) => id === dataset.lockedBy);
  const isUnderWay = next && deps.now() - next.lastModifiedAt < MESSAGE_UNDER_WAY_MS;
  return next && !isUnderWay ? [next] : [];
}

async function isWorkerDead(
  { datasetId, runId, lastModifiedAt, cancelRequested = false }: ScheduledRun,
  deps: ReconcileDeps,
): Promise<boolean> {
  const run = runId === undefined ? undefined : await deps.runs.get(runId);
  // Nobody is at one that waits for its datasource, and nobody needs to be before that can be read again.
  if (run?.waitsForDatasource) {
    return cancelRequested || (await stillWaitsFor(run, datasetId, deps)) === undefined;
  }
  return deps.now() - (run?.heartbeatAt ?? lastModifiedAt) > DEAD_AFTER_MS;
}
