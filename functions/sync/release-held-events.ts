import type { HeldEvent } from '#contracts/held-events';
import type { Dataset } from '#contracts/items';
import { ingestRequestOf } from '#contracts/object-event';
import type { SyncMessage } from '#contracts/syncs';
import { findLivingDataset } from '#platform/datasets/living-dataset';
import { keepsFromReading } from '#platform/datasources/datasource-states';
import { type ReleaseClaim, releaseClaim } from './release-claim.ts';
import type { SyncDeps } from './sync-deps.ts';

/** Events sent at a time. Before each time it is looked whether they may be sent, and sent now. */
const AT_A_TIME = 500;
/** Before a message that goes on with it while ingest is behind (s). */
const BACKLOG_DELAY_SECONDS = 60;

/**
 * Sends the events that were held to ingest, in any order: each of them is the newest of its file, and says when it
 * happened. One that is sent and still held, because the process died in between, is sent again. One worker at a time does
 * so for a dataset; who comes second leaves it to the first. Where another message goes on with it, what was held anew
 * since it began is left out: files that are refused still would be sent for ever, and those behind them never.
 */
export async function releaseHeldEvents(
  message: Extract<SyncMessage, { readonly work: 'release' }>,
  dataset: Dataset,
  timeIsUp: () => boolean,
  deps: SyncDeps,
): Promise<void> {
  const claim = releaseClaim(dataset.id, message.releasingUntil, deps);
  const { heldUntil = deps.now() } = message;
  if (!(await claim.renew())) {
    deps.telemetry.log('info', 'Somebody else sends what was held', { datasetId: dataset.id });
    return;
  }
  let released = 0;
  try {
    for await (const batch of inBatches(deps.heldEvents.list(dataset.id), message.heldUntil)) {
      if (!(await mayRelease(dataset, deps))) return;
      if (await goesOnLater({ claim, heldUntil }, timeIsUp, deps)) return;
      if (!(await claim.renew())) return;
      await sendBatch(batch, deps);
      released += batch.length;
    }
  } finally {
    deps.telemetry.count('EventsReleased', released);
    await claim.end();
  }
}

async function* inBatches(
  events: AsyncIterable<HeldEvent>,
  heldUntil = Number.POSITIVE_INFINITY,
): AsyncIterable<readonly HeldEvent[]> {
  let batch: HeldEvent[] = [];
  for await (const held of events) {
    if (held.heldAt > heldUntil) continue;
    batch.push(held);
    if (batch.length < AT_A_TIME) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

async function sendBatch(batch: readonly HeldEvent[], { ingestQueue, heldEvents }: SyncDeps): Promise<void> {
  await ingestQueue.sendAll(batch.map(({ event, datasetId }) => ingestRequestOf({ ...event, datasetId })));
  await Promise.all(batch.map((held) => heldEvents.release(held)));
}

async function mayRelease({ id }: Dataset, { datasets, states }: SyncDeps): Promise<boolean> {
  const [dataset, state] = await Promise.all([findLivingDataset(id, datasets), states.get(id)]);
  return dataset !== undefined && dataset.pausedAt === undefined && !keepsFromReading(state?.problem);
}

async function goesOnLater(
  { claim, heldUntil }: { readonly claim: ReleaseClaim; readonly heldUntil: number },
  timeIsUp: () => boolean,
  { ingestBacklog, limits }: SyncDeps,
): Promise<boolean> {
  const isBehind = (await ingestBacklog()) > limits.mostBacklog;
  if (!isBehind && !timeIsUp()) return false;
  await claim.passOn({ delaySeconds: isBehind ? BACKLOG_DELAY_SECONDS : 0, heldUntil });
  return true;
}
