import type { ScheduledRun, ScheduledState } from '#contracts/items';
import type { DockerRunScheduledData } from '#contracts/protocol/types.gen';
import type { SelectionConfig } from '#contracts/selection-config';
import { mapped } from '#platform/rows';
import {
  cancelScheduledRun,
  changeScheduledRun,
  scheduledRunOf,
} from '#platform/scheduling/change-scheduled-run';
import { offeredRuns, offeredToWorker } from '#platform/scheduling/offered-runs';
import { scheduleRun } from '#platform/scheduling/schedule-run';
import { noteSignOfLife, usableWorker } from '#platform/workers/registry';
import { checkSelectionConfig } from '#selection/select';
import { checkSequences } from '#selection/sequences/check-sequences';
import type { ApiDeps } from '../api-deps.ts';
import { type Operations, RowStream } from '../operation.ts';

type ScheduledRunsOperation =
  | 'create_docker_run_scheduled_by_dataset_id'
  | 'get_docker_runs_scheduled_by_dataset_id'
  | 'cancel_scheduled_docker_run_state_by_id'
  | 'update_scheduled_docker_run_state_by_id'
  | 'get_docker_runs_scheduled_by_state_and_labels'
  | 'get_docker_runs_scheduled_by_worker_id';

type ScheduledRunsDeps = Pick<
  ApiDeps,
  | 'scheduledRuns'
  | 'workerConfigs'
  | 'workers'
  | 'users'
  | 'sharedAccess'
  | 'datasets'
  | 'runs'
  | 'runQueue'
  | 'now'
>;

function checkSelection(selection: SelectionConfig, sequenceLength: number): void {
  checkSelectionConfig(selection);
  checkSequences(selection, sequenceLength);
}

export function scheduledRunsOperations(deps: ScheduledRunsDeps): Operations<ScheduledRunsOperation> {
  return {
    create_docker_run_scheduled_by_dataset_id: async ({ dataset, body, query, caller }) => {
      const options = { caller, isChecked: query.disableConfigValidation !== true };
      const checked = { ...deps, checkSelection };
      return { id: await scheduleRun(dataset, body, options, checked) };
    },
    get_docker_runs_scheduled_by_dataset_id: async ({ dataset, query: { state, states = [] } }) => {
      const asked = state === undefined ? states : [state, ...states];
      return new RowStream(mapped(ofDataset(dataset.id, asked, deps), scheduledRunData));
    },
    cancel_scheduled_docker_run_state_by_id: async ({ dataset, path }) => {
      await cancelScheduledRun(await scheduledRunOf(dataset, path.scheduledId, deps), deps);
    },
    update_scheduled_docker_run_state_by_id: async ({ dataset, path, body, caller }) => {
      await changeScheduledRun(dataset, path, body, caller, deps);
    },
    get_docker_runs_scheduled_by_state_and_labels: async ({ caller, query }) =>
      new RowStream(mapped(offeredRuns(caller, query, deps), scheduledRunData)),
    get_docker_runs_scheduled_by_worker_id: async ({ caller, path, query }) => {
      const worker = await usableWorker(caller, path.workerId, deps);
      await noteSignOfLife(worker, deps);
      return new RowStream(mapped(offeredToWorker(worker, caller, query, deps), scheduledRunData));
    },
  };
}

/** Those of a dataset, newest first; without states, those that are not finished. */
async function* ofDataset(
  datasetId: string,
  states: readonly ScheduledState[],
  { scheduledRuns }: ScheduledRunsDeps,
): AsyncGenerator<ScheduledRun> {
  const asked: readonly ScheduledState[] = states.length > 0 ? states : ['OPEN', 'LOCKED'];
  const isAsked = ({ state }: ScheduledRun): boolean => asked.includes(state);
  if (!asked.includes('DONE') && !asked.includes('CANCELED')) {
    yield* (await scheduledRuns.listUnfinished(datasetId)).filter(isAsked).reverse();
    return;
  }
  for await (const scheduled of scheduledRuns.list(datasetId)) if (isAsked(scheduled)) yield scheduled;
}

function scheduledRunData(scheduledRun: ScheduledRun): DockerRunScheduledData {
  const { runId: _, workerId: __, cancelRequested: ___, handsInPlan: ____, ...scheduled } = scheduledRun;
  return { ...scheduled, owner: scheduled.userId };
}
