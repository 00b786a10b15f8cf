import type { SyncMessage } from '#contracts/syncs';
import { findLivingDataset } from '#platform/datasets/living-dataset';
import { carryOutSync } from './carry-out-sync.ts';
import { releaseHeldEvents } from './release-held-events.ts';
import type { SyncDeps } from './sync-deps.ts';

/** Between two looks whether a pause is over (s). Whoever has asked for something waits as long after its end, at most. */
const PAUSED_SECONDS = 5 * 60;

/**
 * Does what a message asks for, as far as there is time; what is left goes on with another message. While a dataset is
 * paused nothing is done: whoever resumes it sends messages anew, but for what somebody has asked for, of which nobody else
 * knows.
 *
 * @throws RetryableError for what may pass, where nothing was achieved; the message comes back
 */
export async function syncDataset(
  message: SyncMessage,
  timeIsUp: () => boolean,
  deps: SyncDeps,
): Promise<void> {
  const { datasetId, work } = message;
  const dataset = await findLivingDataset(datasetId, deps.datasets);
  if (!dataset || dataset.pausedAt !== undefined) {
    const why = dataset ? 'paused' : 'deleted';
    deps.telemetry.log('info', 'Nothing is done for this dataset', { datasetId, work, why });
    if (dataset && isAskedFor(message)) {
      await deps.syncQueue.send(message, { delaySeconds: PAUSED_SECONDS });
    }
    // Whoever resumes it asks anew, and must not find it claimed.
    if (message.work === 'release' && message.releasingUntil !== undefined) {
      await deps.states.endRelease(datasetId, message.releasingUntil);
    }
    return;
  }
  if (message.work === 'release') await releaseHeldEvents(message, dataset, timeIsUp, deps);
  else await carryOutSync(message, dataset, timeIsUp, deps);
}

const isAskedFor = (message: SyncMessage): boolean =>
  message.work === 'replay' || (message.work === 'compare' && message.askedAt !== undefined);
