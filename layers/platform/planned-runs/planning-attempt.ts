import type { User } from '#contracts/access';
import { ConflictError, ForbiddenError, InvalidInputError } from '#contracts/errors';
import type { Run } from '#contracts/items';
import type { PlanningProgress } from '#contracts/planned-runs';
import { isRunEnded } from '#contracts/run-states';
import type { DatasetStore } from '../datasets/datasets.ts';
import { livingDataset } from '../datasets/living-dataset.ts';
import type { ReadUrlSigner } from '../objects/objects.ts';
import { shortReadUrl } from '../objects/short-read-url.ts';
import { hasReached, POINT_OF_NO_RETURN } from '../runs/run-progress.ts';
import type { RunStore } from '../runs/runs.ts';
import type { ScheduledRunStore } from '../scheduling/scheduled-runs.ts';
import { noteSignOfLife, ownWorker, type RegistryDeps } from '../workers/registry.ts';

export interface PlanningDeps extends Pick<RegistryDeps, 'workers' | 'now'> {
  readonly runs: Pick<RunStore, 'advance' | 'restate' | 'heartbeat'>;
  readonly scheduledRuns: Pick<ScheduledRunStore, 'get'>;
}

/**
 * @throws ForbiddenError where the caller does not speak for the worker that plans the run; NotFoundError where its
 * dataset is deleted: nothing may be put into its folder any more
 */
export async function checkPlans(
  run: Run,
  caller: User,
  deps: Pick<PlanningDeps, 'workers' | 'now'> & { readonly datasets: Pick<DatasetStore, 'get'> },
): Promise<Run & { readonly datasetId: string; readonly scheduledId: string }> {
  const { workerId, datasetId, scheduledId } = run;
  if (workerId === undefined || datasetId === undefined || scheduledId === undefined) {
    throw new ForbiddenError(`Run '${run.id}' is not planned by a worker elsewhere.`);
  }
  await noteSignOfLife(await ownWorker(caller, workerId, deps), deps);
  await livingDataset(datasetId, deps.datasets);
  return { ...run, datasetId, scheduledId };
}

/** @throws ConflictError where the run is another attempt's by now, decided, or over */
export function checkIsAtWork(run: Run, attempt: number): void {
  if (run.attempts === attempt && run.planKey === undefined && !isRunEnded(run.state)) return;
  throw new ConflictError(`Attempt ${attempt} at run '${run.id}' is over: the run is in other hands.`);
}

/**
 * A sign of life of the worker that plans a run, and where it stands. Returns whether somebody asked to cancel the run.
 * @throws ConflictError where the run is not its any more; InvalidInputError for a state that is not one of planning
 */
export async function notePlanning(
  run: Run & { readonly scheduledId: string },
  { attempt, state = run.state, message = '' }: PlanningProgress,
  { runs, scheduledRuns, now }: PlanningDeps,
): Promise<{ cancelRequested: boolean }> {
  checkIsAtWork(run, attempt);
  if (hasReached({ ...run, state }, POINT_OF_NO_RETURN)) {
    throw new InvalidInputError(`$.state: must be one before ${POINT_OF_NO_RETURN}; the plan says the rest.`);
  }
  const at = now();
  if (state !== run.state) await runs.advance(run.id, state, message, at);
  else if (message !== '' && message !== run.messages.at(-1)?.message) await runs.restate(run, message, at);
  await runs.heartbeat(run.id, at);
  const scheduled = await scheduledRuns.get(run.scheduledId);
  return { cancelRequested: scheduled?.cancelRequested === true };
}

/** Where the input of a run is; nothing while it is being put together. */
export async function planningInputUrl(
  { inputKey: key }: Run,
  deps: {
    readonly readUrls: ReadUrlSigner;
    readonly buckets: { readonly platform: string };
    readonly now: () => number;
  },
): Promise<{ url?: string }> {
  if (key === undefined) return {};
  return { url: await shortReadUrl({ bucket: deps.buckets.platform, key }, deps) };
}
