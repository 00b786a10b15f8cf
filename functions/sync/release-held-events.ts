import type { HeldEvent } from '#contracts/held-events';
import type { Dataset } from '#contracts/items';
import { ingestRequestOf } from '#contracts/object-event';
import { findLivingDataset } from '#platform/datasets/living-dataset';
import { keepsFromReading } from '#platform/datasources/datasource-states';
import type { SyncDeps } from './sync-deps.ts';

/** Events sent at a time. Before each time it is looked whether they may still be sent. */
const AT_A_TIME = 500;
/** Before a message that goes on with it (s). */
const BACKLOG_DELAY_SECONDS = 60;

/**
 * Sends the events that were held to ingest, in any order: each of them is the newest of its file, and says when it
 * happened. One that is sent and still held, because the process died in between, is sent again.
 */
export async function releaseHeldEvents(
  dataset: Dataset,
  timeIsUp: () => boolean,
  deps: SyncDeps,
): Promise<void> {
  const { id: datasetId } = dataset;
  let batch: HeldEvent[] = [];
  let released = 0;
  /** False where it does not go on now. */
  const releaseBatch = async (): Promise<boolean> => {
    if (!(await mayRelease(dataset, deps))) return false;
    await deps.ingestQueue.sendAll(batch.map(({ event }) => ingestRequestOf({ ...event, datasetId })));
    await Promise.all(batch.map((held) => deps.heldEvents.release(held)));
    released += batch.length;
    batch = [];
    return !(await goesOnLater(datasetId, timeIsUp, deps));
  };
  try {
    for await (const held of deps.heldEvents.list(datasetId)) {
      batch.push(held);
      if (batch.length === AT_A_TIME && !(await releaseBatch())) return;
    }
    if (batch.length > 0) await releaseBatch();
  } finally {
    deps.telemetry.count('EventsReleased', released);
  }
}

async function mayRelease({ id }: Dataset, { datasets, states }: SyncDeps): Promise<boolean> {
  const [dataset, state] = await Promise.all([findLivingDataset(id, datasets), states.get(id)]);
  return dataset !== undefined && dataset.pausedAt === undefined && !keepsFromReading(state?.problem);
}

async function goesOnLater(datasetId: string, timeIsUp: () => boolean, deps: SyncDeps): Promise<boolean> {
  const isBehind = (await deps.ingestBacklog()) > deps.limits.mostBacklog;
  if (!isBehind && !timeIsUp()) return false;
  const delaySeconds = isBehind ? BACKLOG_DELAY_SECONDS : 0;
  await deps.syncQueue.send({ datasetId, work: 'release' }, { delaySeconds });
  return true;
}
