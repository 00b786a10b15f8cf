import type { Dataset } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import { holdsEverythingUp } from '#platform/datasources/datasource-states';
import { refusedLeftAloneMs } from '#platform/syncs/sync-schedule';
import type { ReconcileDeps } from './reconcile-deps.ts';

/** How long (ms) events wait at least for files that are refused while others can be read; then all are tried again. */
const TRY_REFUSED_FILES_AFTER_MS = 30 * 60_000;
/** For one that has waited as long: events come anew of some files that are refused. */
const EVENTS_LOOKED_AT = 100;
/** After this long (ms) what was held when it was last noted that something is can be seen: it is noted every few minutes. */
const SEEN_AFTER_MS = 15 * 60_000;

/**
 * Events that are held although nothing is in their way: they were held while somebody resumed the dataset, or the
 * process died between the end of a problem and the message. Where only some files of the datasource are refused, nothing may
 * be in the way of others: what still is refused is held anew, and waits as long again.
 *
 * @returns number of messages sent
 */
export async function releaseStrandedEvents(
  { id: datasetId, pausedAt }: Dataset,
  deps: ReconcileDeps,
): Promise<number> {
  const { heldEvents, datasourceStates, syncQueue } = deps;
  const now = deps.now();
  const { problem, heldAt: lastHeldAt, releasingUntil = 0 } = (await datasourceStates.get(datasetId)) ?? {};
  if (pausedAt !== undefined || lastHeldAt === undefined) return 0;
  if (releasingUntil >= now || holdsEverythingUp(problem)) return 0;
  const heldUntil = problem
    ? now - (await leftAloneMs(datasetId, problem.since, deps))
    : Number.POSITIVE_INFINITY;
  let lookedAt = 0;
  for await (const { heldAt } of heldEvents.list(datasetId)) {
    lookedAt += 1;
    if (lookedAt > EVENTS_LOOKED_AT) return 0;
    if (heldAt > heldUntil) continue;
    await syncQueue.send({ datasetId, work: 'release' });
    return 1;
  }
  if (lookedAt === 0 && now - lastHeldAt >= SEEN_AFTER_MS) {
    await datasourceStates.noteNoneHeld(datasetId, lastHeldAt);
  }
  return 0;
}

async function leftAloneMs(
  datasetId: ObjectId,
  since: number,
  { syncs, now }: ReconcileDeps,
): Promise<number> {
  const { last } = (await syncs.get(datasetId)) ?? {};
  return refusedLeftAloneMs(last, { since, now: now(), least: TRY_REFUSED_FILES_AFTER_MS });
}
