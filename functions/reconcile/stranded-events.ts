import type { Dataset } from '#contracts/items';
import type { ReconcileDeps } from './reconcile-deps.ts';

/**
 * Events that are held although nothing is in their way: they were held while somebody resumed the dataset, or the
 * process died between the end of a problem and the message.
 *
 * @returns number of messages sent
 */
export async function releaseStrandedEvents(
  { id: datasetId, pausedAt }: Dataset,
  deps: ReconcileDeps,
): Promise<number> {
  if (pausedAt !== undefined || (await deps.datasourceStates.get(datasetId))?.problem) return 0;
  for await (const _held of deps.heldEvents.list(datasetId)) {
    await deps.syncQueue.send({ datasetId, work: 'release' });
    return 1;
  }
  return 0;
}
