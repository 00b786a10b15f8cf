import type { User } from '#contracts/access';
import { ConflictError, NotFoundError } from '#contracts/errors';
import type { Dataset, Run, ScheduledRun, ScheduledState } from '#contracts/items';
import { isRunEnded } from '#contracts/run-states';
import { newObjectId, type ObjectId } from '#contracts/schema';
import type { Worker } from '#contracts/workers';
import type { DatasetStore } from '../datasets/datasets.ts';
import type { RunStore } from '../runs/runs.ts';
import { isAtWork, matchesLabels, WORKER_GONE_AFTER_MS } from '../workers/external-workers.ts';
import { noteSignOfLife, ownWorker } from '../workers/registry.ts';
import type { WorkerStore } from '../workers/workers.ts';
import { type FinishDeps, finishScheduledRun } from './finish-scheduled-run.ts';
import { checkLabels } from './schedule-run.ts';
import type { ScheduledRunStore } from './scheduled-runs.ts';

export interface ChangeScheduledRunDeps extends FinishDeps {
  readonly scheduledRuns: ScheduledRunStore;
  readonly datasets: Pick<DatasetStore, 'get' | 'lock' | 'unlock'>;
  readonly runs: Pick<RunStore, 'get' | 'advance'>;
  readonly workers: WorkerStore;
}

/** @throws NotFoundError where the dataset has no such scheduled run */
export async function scheduledRunOf(
  dataset: Pick<Dataset, 'id'>,
  scheduledId: ObjectId,
  { scheduledRuns }: { readonly scheduledRuns: Pick<ScheduledRunStore, 'get'> },
): Promise<ScheduledRun> {
  const found = await scheduledRuns.get(scheduledId);
  if (found?.datasetId !== dataset.id) throw new NotFoundError('scheduled run', scheduledId);
  return found;
}

export interface ScheduledRunChange extends Partial<Pick<ScheduledRun, 'priority' | 'runsOn'>> {
  readonly state: ScheduledState;
}

/**
 * What a worker says of a scheduled run: that it takes it (LOCKED), has done it (DONE), or that nobody is to do it
 * (CANCELED). OPEN only changes how urgent an OPEN one is and which labels it asks for.
 *
 * @throws ConflictError `DOCKER_WORKER_SCHEDULE_UPDATE_FAILED` where it is not for this worker to say
 */
export async function changeScheduledRun(
  dataset: Dataset,
  { scheduledId, workerId }: { readonly scheduledId: ObjectId; readonly workerId: ObjectId },
  change: ScheduledRunChange,
  caller: User,
  deps: ChangeScheduledRunDeps,
): Promise<void> {
  const worker = await ownWorker(caller, workerId, deps);
  const scheduled = await scheduledRunOf(dataset, scheduledId, deps);
  checkLabels(change.runsOn ?? []);
  await noteSignOfLife(worker, deps);
  switch (change.state) {
    case 'LOCKED':
      return lock(scheduled, worker, deps);
    case 'DONE':
      return finish(scheduled, worker, deps);
    case 'CANCELED':
      return cancelScheduledRun(scheduled, deps);
    case 'OPEN':
      if (await deps.scheduledRuns.adjust(scheduledId, change, deps.now())) return;
      throw refusal(`Scheduled run '${scheduledId}' is not OPEN any more, and can't become it.`);
    default:
      return change.state satisfies never;
  }
}

/**
 * Gives a worker a run, and the run its dataset: one at a time. A second process of the same worker is refused like
 * any other, so a lock whose answer was lost is refused when it is repeated.
 */
async function lock(scheduled: ScheduledRun, worker: Worker, deps: ChangeScheduledRunDeps): Promise<void> {
  const { id, datasetId } = scheduled;
  if (scheduled.state !== 'OPEN') throw notOpen(scheduled);
  if (!matchesLabels(worker.labels, scheduled)) {
    throw refusal(`Worker '${worker.id}' has not all of the labels that scheduled run '${id}' asks for.`);
  }
  if (!(await deps.datasets.lock(datasetId, id))) {
    throw refusal(`Another run of dataset '${datasetId}' is under way. Lock this one when that has ended.`);
  }
  const runId = newObjectId(deps.now());
  const locked = await deps.scheduledRuns.lock(id, runId, deps.now(), { workerId: worker.id });
  if (locked.runId === runId) return endRunBefore(scheduled, deps);
  // The lock of the dataset is that of this very run: whoever has the run needs it, unless nobody has.
  if (locked.state !== 'LOCKED') await deps.datasets.unlock(datasetId, id);
  throw notOpen(locked);
}

/** Of a run that was opened again: what its workers said of it so far is not the new worker's. */
const endRunBefore = (scheduled: ScheduledRun, deps: Pick<ChangeScheduledRunDeps, 'runs' | 'now'>) =>
  endGivenBack(scheduled, 'CRASHED', 'Its worker is gone; another one has begun anew.', deps);

/** The run that a worker has given back, where it had begun one. */
async function endGivenBack(
  { runId }: ScheduledRun,
  state: 'CRASHED' | 'ABORTED',
  message: string,
  { runs, now }: Pick<ChangeScheduledRunDeps, 'runs' | 'now'>,
): Promise<void> {
  const run = runId === undefined ? undefined : await runs.get(runId);
  if (run) await runs.advance(run.id, state, message, now());
}

async function finish(scheduled: ScheduledRun, worker: Worker, deps: ChangeScheduledRunDeps): Promise<void> {
  const isIts = scheduled.workerId === worker.id && !scheduled.handsInPlan;
  if (!isIts || scheduled.state === 'CANCELED') {
    throw refusal(`Scheduled run '${scheduled.id}' is not locked by worker '${worker.id}'.`);
  }
  await finishScheduledRun(scheduled, deps);
}

/**
 * Cancels a run that nobody has begun; the built-in worker, or one that plans for it, is asked to stop. Another worker
 * can't be asked: where it has given no sign of life for five minutes, what it left behind is ended.
 *
 * @throws ConflictError `DOCKER_WORKER_SCHEDULE_UPDATE_FAILED` where it is done, or another worker is at it
 */
export async function cancelScheduledRun(
  scheduled: ScheduledRun,
  deps: Omit<ChangeScheduledRunDeps, 'datasets'> & Pick<FinishDeps, 'datasets'>,
): Promise<void> {
  const { id, state, workerId } = scheduled;
  if (state === 'LOCKED' && workerId !== undefined && !scheduled.handsInPlan) {
    return endAbandoned(scheduled, workerId, deps);
  }
  const canceled = await deps.scheduledRuns.cancel(id, deps.now());
  if (canceled.state === 'DONE') throw refusal(`Scheduled run '${id}' is DONE.`);
  if (canceled.state === 'CANCELED') {
    const message = 'Canceled before another worker went on with it; its images are left for another run.';
    await endGivenBack(canceled, 'ABORTED', message, deps);
  }
  // Another worker has taken it since it was read.
  if (canceled.state === 'LOCKED' && canceled.workerId !== undefined && !canceled.handsInPlan) {
    await endAbandoned(canceled, canceled.workerId, deps);
  }
}

async function endAbandoned(
  scheduled: ScheduledRun,
  workerId: ObjectId,
  deps: Omit<ChangeScheduledRunDeps, 'datasets'> & Pick<FinishDeps, 'datasets'>,
): Promise<void> {
  const worker = await deps.workers.get(workerId);
  const run = scheduled.runId === undefined ? undefined : await deps.runs.get(scheduled.runId);
  if ((worker && isAtWork(worker, deps.now())) || isRecent(scheduled, run, deps.now())) {
    throw refusal(
      `Worker '${workerId}' is at work on scheduled run '${scheduled.id}'. Stop it; where it says nothing for ` +
        `${WORKER_GONE_AFTER_MS / 60_000} minutes, the run can be canceled.`,
    );
  }
  if (run && !isRunEnded(run.state)) {
    await deps.runs.advance(run.id, 'ABORTED', 'Canceled; its worker is gone.', deps.now());
  }
  await finishScheduledRun(scheduled, deps);
}

const isRecent = ({ lastModifiedAt }: ScheduledRun, run: Run | undefined, now: number): boolean =>
  now - Math.max(lastModifiedAt, run?.heartbeatAt ?? 0) < WORKER_GONE_AFTER_MS;

export const notOpen = ({ id, state }: ScheduledRun): ConflictError =>
  refusal(`Scheduled run '${id}' is ${state} already. Ask for one that is OPEN.`);

export const refusal = (message: string): ConflictError =>
  new ConflictError(message, { apiCode: 'DOCKER_WORKER_SCHEDULE_UPDATE_FAILED' });
