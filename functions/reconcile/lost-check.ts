import type { Dataset } from '#contracts/items';
import { isRunEnded } from '#contracts/run-states';
import type { ObjectId } from '#contracts/schema';
import { LOST_CHECK_AFTER_MS } from '#platform/scheduling/intake';
import type { ReconcileDeps } from './reconcile-deps.ts';

/**
 * Images wait for a run, and no check is pending that would schedule it: the process died between claiming the
 * check and sending it, or between registering an image and noting its arrival.
 *
 * @returns number of checks sent
 */
export async function repairLostCheck(dataset: Dataset, deps: ReconcileDeps): Promise<number> {
  const { id: datasetId, pausedAt } = dataset;
  if (pausedAt !== undefined) return 0;
  const now = deps.now();
  const intake = await deps.intake.get(datasetId);
  if (intake) {
    if (now <= intake.checkAt + LOST_CHECK_AFTER_MS) return 0;
  } else {
    if (!(await awaitsRun(dataset, deps))) return 0;
    const arrival = { datasetId, scheduledId: deps.newId(), at: now, checkAt: now };
    if (!(await deps.intake.noteArrival(arrival)).checkClaimed) return 0;
  }
  await deps.scheduleQueue.send({ datasetId });
  deps.telemetry.log('warn', 'Schedule check was lost', { datasetId });
  return 1;
}

/** What a run under way has not read yet can't be told from what it has. */
async function awaitsRun({ id, lockedBy, settings }: Dataset, deps: ReconcileDeps): Promise<boolean> {
  if (lockedBy !== undefined || (await deps.scheduledRuns.listUnfinished(id)).length > 0) return false;
  if (await hasNewestRunFailed(id, deps)) return false;
  const { minNewImages } = settings.schedule;
  return (await deps.rawSamples.countPending(id, minNewImages)) >= minNewImages;
}

/**
 * A run that failed or was canceled leaves its images waiting. To schedule it again would only have it fail again,
 * every few minutes: the next image that arrives does it, or somebody who has put right what was wrong.
 */
async function hasNewestRunFailed(datasetId: ObjectId, { runs }: ReconcileDeps): Promise<boolean> {
  for await (const { state } of runs.list(datasetId)) return isRunEnded(state) && state !== 'COMPLETED';
  return false;
}
