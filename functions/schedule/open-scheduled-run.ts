import type { Dataset } from '#contracts/items';
import type { RunMessage } from '#contracts/messages';
import type { ObjectId } from '#contracts/schema';
import type { Telemetry } from '#contracts/telemetry';
import type { MessageSender } from '#platform/queues';
import type { ScheduledRunStore } from '#platform/scheduling/scheduled-runs';
import type { WorkerConfigStore } from '#platform/scheduling/worker-config-store';

/**
 * Makes a scheduled run of the dataset's settings and sends it to the run queue. Each step may be repeated: what
 * exists already stays as it is, and a run that has ended is not sent again.
 */
export async function openScheduledRun(
  scheduledId: ObjectId,
  dataset: Dataset,
  deps: {
    readonly workerConfigs: Pick<WorkerConfigStore, 'create'>;
    readonly scheduledRuns: Pick<ScheduledRunStore, 'create' | 'get'>;
    readonly runQueue: MessageSender<RunMessage>;
    readonly telemetry: Telemetry;
    readonly now: () => number;
  },
): Promise<void> {
  const { id: datasetId, userId } = dataset;
  const { run, schedule } = dataset.settings;
  const at = deps.now();
  const docker = {
    corruptnessCheck: { corruptionThreshold: run.corruptionThreshold },
    datasource: { processAll: false },
    useDatapool: run.useDatapool,
  };
  await deps.workerConfigs.create({
    ...{ id: scheduledId, userId, datasetId, version: 'V4', createdAt: at, usedAt: at },
    document: JSON.stringify({ workerType: 'FULL', docker, selection: run.selection }),
  });
  await deps.scheduledRuns.create({
    ...{ id: scheduledId, userId, datasetId, configId: scheduledId },
    ...{ priority: schedule.priority, runsOn: schedule.runsOn, state: 'OPEN' },
    ...{ createdAt: at, lastModifiedAt: at },
  });
  const stored = await deps.scheduledRuns.get(scheduledId);
  if (stored?.state !== 'OPEN' && stored?.state !== 'LOCKED') return;
  await deps.runQueue.send({ datasetId, scheduledId });
  deps.telemetry.log('info', 'Run scheduled', { datasetId, scheduledId });
}
