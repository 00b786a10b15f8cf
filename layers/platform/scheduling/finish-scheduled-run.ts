import type { ScheduledRun } from '#contracts/items';
import type { RunMessage } from '#contracts/messages';
import type { DatasetStore } from '../datasets/datasets.ts';
import type { MessageSender } from '../queues.ts';
import { type ExternalWorkersDeps, nextForBuiltInWorker } from '../workers/external-workers.ts';
import type { ScheduledRunStore } from './scheduled-runs.ts';

export interface FinishDeps extends ExternalWorkersDeps {
  readonly scheduledRuns: Pick<ScheduledRunStore, 'finish' | 'listUnfinished'>;
  readonly datasets: Pick<DatasetStore, 'get' | 'unlock'>;
  readonly runQueue: MessageSender<RunMessage>;
}

/**
 * Ends a scheduled run, frees its dataset and starts the next one, in an order in which each step implies those before
 * it: whoever repeats it does all of it again, to the same end.
 */
export async function finishScheduledRun(
  { id, datasetId }: Pick<ScheduledRun, 'id' | 'datasetId'>,
  deps: FinishDeps,
): Promise<void> {
  await deps.scheduledRuns.finish(id, deps.now());
  await deps.datasets.unlock(datasetId, id);
  const unfinished = await deps.scheduledRuns.listUnfinished(datasetId);
  if (unfinished.length === 0) return;
  const dataset = await deps.datasets.get(datasetId);
  const next = dataset && (await nextForBuiltInWorker(dataset, unfinished, deps));
  if (next) await deps.runQueue.send({ datasetId, scheduledId: next.id });
}
