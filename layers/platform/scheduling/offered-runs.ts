import type { User } from '#contracts/access';
import type { Dataset, ScheduledRun, ScheduledState } from '#contracts/items';
import { PRIORITIES } from '#contracts/settings';
import { BUILT_IN_WORKER_ID, type Worker } from '#contracts/workers';
import { type AssetScope, isInAssetScope } from '../access/asset-scope.ts';
import { type DatasetAccessDeps, usableDatasets } from '../access/usable-dataset.ts';
import { matchesLabels } from '../workers/external-workers.ts';
import type { ScheduledRunStore } from './scheduled-runs.ts';
import type { WorkerConfigStore } from './worker-config-store.ts';

/** What a worker, or somebody who watches, wants to see of scheduled runs. */
export interface OfferQuery extends AssetScope {
  /** @default those that are OPEN or LOCKED */
  readonly state?: ScheduledState;
  /** Labels of the one who asks; a run is shown where it asks for no other. */
  readonly labels?: readonly string[];
  /** Version of worker configs that the one who asks knows, V4 for example; `*` is all, and the default. */
  readonly version?: string;
  /** Also OPEN runs of datasets in which another run is under way. */
  readonly includeUnlockableRuns?: boolean;
}

export interface OfferedRunsDeps extends DatasetAccessDeps {
  readonly scheduledRuns: Pick<ScheduledRunStore, 'listAllUnfinished' | 'listAllFinished'>;
  readonly workerConfigs: Pick<WorkerConfigStore, 'get'>;
}

/** Scheduled runs of all datasets that the caller may use: unfinished ones by urgency, finished ones newest first. */
export async function* offeredRuns(
  caller: User,
  { state, labels = [], version = '*', includeUnlockableRuns = false, ...scope }: OfferQuery,
  deps: OfferedRunsDeps,
): AsyncGenerator<ScheduledRun> {
  const datasets = usableDatasets(caller, deps);
  for await (const scheduled of inState(state, deps.scheduledRuns)) {
    if (!matchesLabels(labels, scheduled) || !isInAssetScope(scope, caller, scheduled.userId)) continue;
    const dataset = await datasets(scheduled.datasetId);
    if (!dataset || !(includeUnlockableRuns || isLockable(scheduled, dataset))) continue;
    if (await hasVersion(scheduled, version, deps.workerConfigs)) yield scheduled;
  }
}

/** What a worker may take, and what it has taken: OPEN ones that ask for no other labels, and those that it locked. */
export async function* offeredToWorker(
  { id: workerId, labels }: Worker,
  caller: User,
  { state, ...scope }: Pick<OfferQuery, 'state'> & AssetScope,
  deps: OfferedRunsDeps,
): AsyncGenerator<ScheduledRun> {
  const datasets = usableDatasets(caller, deps);
  for await (const scheduled of inState(state, deps.scheduledRuns)) {
    if (scheduled.state !== 'OPEN') {
      const { workerId: by = BUILT_IN_WORKER_ID } = scheduled;
      if (by === workerId && (await datasets(scheduled.datasetId))) yield scheduled;
      continue;
    }
    if (!matchesLabels(labels, scheduled) || !isInAssetScope(scope, caller, scheduled.userId)) continue;
    const dataset = await datasets(scheduled.datasetId);
    if (dataset && isLockable(scheduled, dataset)) yield scheduled;
  }
}

async function* inState(
  state: ScheduledState | undefined,
  scheduledRuns: OfferedRunsDeps['scheduledRuns'],
): AsyncGenerator<ScheduledRun> {
  if (state === 'DONE' || state === 'CANCELED') {
    for await (const each of scheduledRuns.listAllFinished()) if (each.state === state) yield each;
    return;
  }
  const unfinished: ScheduledRun[] = [];
  for await (const each of scheduledRuns.listAllUnfinished()) {
    if (state === undefined || each.state === state) unfinished.push(each);
  }
  // The sort is stable: of equals, the one that has waited longest stays first.
  yield* unfinished.sort((a, b) => PRIORITIES.indexOf(b.priority) - PRIORITIES.indexOf(a.priority));
}

const isLockable = ({ id, state }: ScheduledRun, { lockedBy }: Dataset): boolean =>
  state !== 'OPEN' || lockedBy === undefined || lockedBy === id;

async function hasVersion(
  { configId }: ScheduledRun,
  version: string,
  workerConfigs: OfferedRunsDeps['workerConfigs'],
): Promise<boolean> {
  if (version === '*') return true;
  const config = await workerConfigs.get(configId);
  return config?.version.replace('V', '') === version.replace(/^v/i, '');
}
