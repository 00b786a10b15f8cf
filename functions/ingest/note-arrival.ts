import type { Dataset } from '#contracts/items';
import type { IngestDeps } from './ingest-deps.ts';

/**
 * Notes that a dataset has images which no run has read, and sends the schedule check where none is pending.
 *
 * @param delivery `redelivered`: an earlier delivery may have been killed after it claimed the schedule check and
 * before it sent it, so that one is sent in any case; one too many does no harm
 */
export async function noteArrival(
  { id: datasetId, settings }: Dataset,
  deps: Pick<IngestDeps, 'intake' | 'scheduleQueue' | 'now' | 'newId'>,
  { redelivered }: { readonly redelivered: boolean },
): Promise<void> {
  const at = deps.now();
  const { quietPeriodSeconds } = settings.schedule;
  const checkAt = at + quietPeriodSeconds * 1000;
  const scheduledId = deps.newId();
  const { checkClaimed } = await deps.intake.noteArrival({ datasetId, scheduledId, at, checkAt });
  if (checkClaimed || redelivered) {
    await deps.scheduleQueue.send({ datasetId }, { delaySeconds: quietPeriodSeconds });
  }
}
