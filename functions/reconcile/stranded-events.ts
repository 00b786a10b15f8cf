import type { Dataset } from '#contracts/items';
import type { ReconcileDeps } from './reconcile-deps.ts';

/** How long (ms) events wait for files that are refused while others can be read; then all are tried again. */
const WITH_UNREADABLE_FILES_MS = 30 * 60_000;
/** For one that has waited as long: events come anew of some files that are refused. */
const EVENTS_LOOKED_AT = 100;

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
  if (pausedAt !== undefined) return 0;
  const { problem } = (await deps.datasourceStates.get(datasetId)) ?? {};
  if (problem && !problem.isOfSomeFiles) return 0;
  const heldUntil = problem ? deps.now() - WITH_UNREADABLE_FILES_MS : Number.POSITIVE_INFINITY;
  let lookedAt = 0;
  for await (const { heldAt } of deps.heldEvents.list(datasetId)) {
    lookedAt += 1;
    if (lookedAt > EVENTS_LOOKED_AT) return 0;
    if (heldAt > heldUntil) continue;
    await deps.syncQueue.send({ datasetId, work: 'release' });
    return 1;
  }
  return 0;
}
