import type { User } from '#contracts/access';
import { InvalidInputError } from '#contracts/errors';
import type { Dataset, ScheduledRun } from '#contracts/items';
import type { RunMessage } from '#contracts/messages';
import { newObjectId, type ObjectId } from '#contracts/schema';
import type { SelectionConfig } from '#contracts/selection-config';
import type { WorkerConfig } from '#contracts/worker-config';
import { LONGEST_LABEL, MOST_LABELS } from '#contracts/workers';
import type { MessageSender } from '../queues.ts';
import { invalidWorkerConfig, runConfigOf } from './run-config.ts';
import type { ScheduledRunStore } from './scheduled-runs.ts';
import type { WorkerConfigStore } from './worker-config-store.ts';
import { usableWorkerConfig } from './worker-configs.ts';

export interface ScheduleRunDeps {
  readonly workerConfigs: Pick<WorkerConfigStore, 'get' | 'markUsed'>;
  readonly scheduledRuns: Pick<ScheduledRunStore, 'create'>;
  readonly runQueue: MessageSender<RunMessage>;
  /**
   * Throws InvalidInputError, naming the JSON path, for a selection that the built-in worker can't carry out.
   * @param sequenceLength - images that are chosen together; 1 for single ones
   */
  readonly checkSelection: (selection: SelectionConfig, sequenceLength: number) => void;
  /** ms */
  readonly now: () => number;
}

export interface RunOrder extends Pick<ScheduledRun, 'configId' | 'priority'> {
  readonly runsOn?: readonly string[] | undefined;
}

/**
 * Schedules a run of a dataset by a worker config. Where it stops before the message is sent, reconcile sends it.
 *
 * @param isChecked false: a config that the built-in worker can't carry out is taken too, for another one may
 * @returns id of the scheduled run
 * @throws InvalidInputError `DOCKER_WORKER_CONFIG_INVALID`; NotFoundError, ForbiddenError for the config
 */
export async function scheduleRun(
  dataset: Dataset,
  { configId, priority, runsOn = [] }: RunOrder,
  { caller, isChecked }: { readonly caller: User; readonly isChecked: boolean },
  deps: ScheduleRunDeps,
): Promise<ObjectId> {
  checkLabels(runsOn);
  const config = await usableWorkerConfig(caller, configId, deps.workerConfigs);
  if (isChecked) checkConfig(config, deps.checkSelection);
  const at = deps.now();
  // From here on the config stays as it was checked, unless somebody changed it at this very moment.
  const used = await deps.workerConfigs.markUsed(configId, at);
  if (isChecked && used && used.document !== config.document) checkConfig(used, deps.checkSelection);
  const id = newObjectId(at);
  const { id: datasetId } = dataset;
  await deps.scheduledRuns.create({
    ...{ id, userId: caller.id, datasetId, configId, priority, runsOn: [...new Set(runsOn)] },
    ...{ state: 'OPEN', createdAt: at, lastModifiedAt: at },
  });
  await deps.runQueue.send({ datasetId, scheduledId: id });
  return id;
}

/** @throws InvalidInputError where there are more or longer labels than can be kept */
export function checkLabels(labels: readonly string[]): void {
  if (labels.length <= MOST_LABELS && labels.every(({ length }) => length <= LONGEST_LABEL)) return;
  throw new InvalidInputError(
    `$.runsOn: must have at most ${MOST_LABELS} labels of ${LONGEST_LABEL} characters.`,
  );
}

function checkConfig(config: WorkerConfig, checkSelection: ScheduleRunDeps['checkSelection']): void {
  const { selection, docker } = runConfigOf(config);
  try {
    checkSelection(selection, docker.selectedSequenceLength);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw invalidWorkerConfig(`selection.${error.message}`, error);
  }
}
