import { ADMINISTRATOR, ADMINISTRATOR_ID } from '#contracts/access';
import type { Dataset, ScheduledRun } from '#contracts/items';
import type { Worker } from '#contracts/workers';
import { isSharedWith, mayUse } from '../access/dataset-access.ts';
import type { SharedAccessStore, UserStore } from '../access/users.ts';
import { nextScheduledRun } from '../scheduling/next-scheduled-run.ts';
import type { WorkerStore } from './workers.ts';

/** A worker that gave no sign of life for this long (ms) is taken for gone. */
export const WORKER_GONE_AFTER_MS = 5 * 60_000;

/** True where the worker has every label that the run asks for. */
export const matchesLabels = (labels: readonly string[], { runsOn }: Pick<ScheduledRun, 'runsOn'>): boolean =>
  runsOn.every((label) => labels.includes(label));

/** True where the worker has said of itself, lately, that it is at work. */
export function isAtWork({ state, lastSeenAt }: Pick<Worker, 'state' | 'lastSeenAt'>, now: number): boolean {
  const isUp = state === 'IDLE' || state === 'BUSY';
  return isUp && lastSeenAt !== undefined && now - lastSeenAt < WORKER_GONE_AFTER_MS;
}

export interface ExternalWorkersDeps {
  readonly workers: Pick<WorkerStore, 'list'>;
  readonly users: Pick<UserStore, 'get'>;
  readonly sharedAccess: Pick<SharedAccessStore, 'list'>;
  /** ms */
  readonly now: () => number;
}

/**
 * Those OPEN scheduled runs of a dataset that the built-in worker leaves to others: who scheduled them asks for labels,
 * and a registered worker that has them, and may use the dataset, is at work. All others it takes, whatever labels they
 * ask for: programs need no worker but this one.
 */
export async function leftToOthers(
  dataset: Dataset,
  scheduledRuns: readonly ScheduledRun[],
  deps: ExternalWorkersDeps,
): Promise<Set<ScheduledRun>> {
  const asking = scheduledRuns.filter(({ state, runsOn }) => state === 'OPEN' && runsOn.length > 0);
  if (asking.length === 0) return new Set();
  const atWork = (await deps.workers.list()).filter((worker) => isAtWork(worker, deps.now()));
  const left = new Set<ScheduledRun>();
  for (const worker of atWork) {
    const suitable = asking.filter((scheduled) => matchesLabels(worker.labels, scheduled));
    if (suitable.length === 0 || !(await ownerMayUse(worker, dataset, deps))) continue;
    for (const scheduled of suitable) left.add(scheduled);
  }
  return left;
}

/** The OPEN scheduled run whose turn it is at the built-in worker. */
export async function nextForBuiltInWorker(
  dataset: Dataset,
  unfinished: readonly ScheduledRun[],
  deps: ExternalWorkersDeps,
): Promise<ScheduledRun | undefined> {
  const left = await leftToOthers(dataset, unfinished, deps);
  return nextScheduledRun(unfinished.filter((scheduled) => !left.has(scheduled)));
}

async function ownerMayUse(
  { userId }: Worker,
  dataset: Dataset,
  deps: ExternalWorkersDeps,
): Promise<boolean> {
  const owner = userId === ADMINISTRATOR_ID ? ADMINISTRATOR : await deps.users.get(userId);
  if (!owner) return false;
  return mayUse(owner, dataset.userId) || isSharedWith(owner, await deps.sharedAccess.list(dataset.id));
}
