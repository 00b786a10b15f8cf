import type { User } from '#contracts/access';
import { ConflictError, NotFoundError } from '#contracts/errors';
import type { Run, ScheduledRun } from '#contracts/items';
import type { RunMessage } from '#contracts/messages';
import type { BeginPlanningRequest, BegunPlanning } from '#contracts/planned-runs';
import { isRunEnded } from '#contracts/run-states';
import { newObjectId } from '#contracts/schema';
import type { Worker } from '#contracts/workers';
import { type DatasetAccessDeps, usableDataset } from '../access/usable-dataset.ts';
import type { DatasetStore } from '../datasets/datasets.ts';
import type { DatasourceStateStore } from '../datasources/datasource-states.ts';
import type { MessageSender } from '../queues.ts';
import { stillWaitsFor } from '../runs/datasource-waits.ts';
import type { RunStore } from '../runs/runs.ts';
import { startedRun } from '../runs/started-run.ts';
import { notOpen, refusal } from '../scheduling/change-scheduled-run.ts';
import type { ScheduledRunStore } from '../scheduling/scheduled-runs.ts';
import { matchesLabels } from '../workers/external-workers.ts';
import { noteSignOfLife, ownWorker } from '../workers/registry.ts';
import type { WorkerStore } from '../workers/workers.ts';

/** A worker that plans and says nothing for so long (ms) loses its run. */
export const PLANNING_LEASE_MS = 60_000;

export interface BeginPlanningDeps extends DatasetAccessDeps {
  readonly scheduledRuns: Pick<ScheduledRunStore, 'get' | 'lock'>;
  readonly datasets: Pick<DatasetStore, 'get' | 'list' | 'lock' | 'unlock'> & DatasetAccessDeps['datasets'];
  readonly runs: Pick<RunStore, 'create' | 'get' | 'takeUp' | 'goOn'>;
  readonly datasourceStates: Pick<DatasourceStateStore, 'get'>;
  readonly workers: WorkerStore;
  readonly runQueue: MessageSender<RunMessage>;
  /** ms */
  readonly now: () => number;
}

/**
 * Gives a worker elsewhere a scheduled run to plan: one that is OPEN, or one that it has taken before and lost, because its
 * process died. The message asks the stage `run` to put its input together.
 *
 * @throws ConflictError `DOCKER_WORKER_SCHEDULE_UPDATE_FAILED` where somebody else has it, or the dataset, and while it waits
 * for its datasource; NotFoundError, ForbiddenError
 */
export async function beginPlanning(
  { workerId, scheduledId, workerVersion }: BeginPlanningRequest,
  caller: User,
  deps: BeginPlanningDeps,
): Promise<BegunPlanning> {
  const worker = await ownWorker(caller, workerId, deps);
  const scheduled = await deps.scheduledRuns.get(scheduledId);
  if (!scheduled) throw new NotFoundError('scheduled run', scheduledId);
  const dataset = await usableDataset(caller, scheduled.datasetId, deps);
  await noteSignOfLife(worker, deps);
  await checkDoesNotWait(scheduled, deps);
  const locked = await lockToPlan(scheduled, worker, deps);
  const run = await takenRun(locked, { workerId, dockerVersion: workerVersion }, deps);
  if (run.inputKey === undefined) await deps.runQueue.send({ datasetId: dataset.id, scheduledId });
  return {
    ...{ runId: run.id, datasetId: dataset.id, datasetName: dataset.name },
    ...{ attempt: run.attempts, leaseMs: PLANNING_LEASE_MS },
  };
}

/** Whoever took it would only meet what it waits for. */
async function checkDoesNotWait(
  { id, datasetId, runId }: ScheduledRun,
  deps: Pick<BeginPlanningDeps, 'runs' | 'datasourceStates' | 'now'>,
): Promise<void> {
  const run = runId === undefined ? undefined : await deps.runs.get(runId);
  const reason = await stillWaitsFor(run, datasetId, deps);
  if (reason !== undefined) throw refusal(`Scheduled run '${id}' waits for its datasource. ${reason}`);
}

type Locked = ScheduledRun & { readonly runId: string };

async function lockToPlan(scheduled: ScheduledRun, worker: Worker, deps: BeginPlanningDeps): Promise<Locked> {
  const { id, datasetId } = scheduled;
  if (isIts(scheduled, worker)) return scheduled;
  if (scheduled.state !== 'OPEN') throw notOpen(scheduled);
  if (!matchesLabels(worker.labels, scheduled)) {
    throw refusal(`Worker '${worker.id}' has not all of the labels that scheduled run '${id}' asks for.`);
  }
  if (!(await deps.datasets.lock(datasetId, id))) {
    throw refusal(`Another run of dataset '${datasetId}' is under way. Take this one when that has ended.`);
  }
  const runId = scheduled.runId ?? newObjectId(deps.now());
  const by = { workerId: worker.id, handsInPlan: true };
  const locked = await deps.scheduledRuns.lock(id, runId, deps.now(), by);
  if (isIts(locked, worker)) return locked;
  if (locked.state !== 'LOCKED') await deps.datasets.unlock(datasetId, id);
  throw notOpen(locked);
}

const isIts = (scheduled: ScheduledRun, { id }: Worker): scheduled is Locked =>
  scheduled.state === 'LOCKED' &&
  scheduled.workerId === id &&
  scheduled.handsInPlan === true &&
  scheduled.runId !== undefined;

/** Of two processes of one worker, one gets the run. */
async function takenRun(
  scheduled: Locked,
  by: Required<Pick<Run, 'workerId' | 'dockerVersion'>>,
  { runs, now }: BeginPlanningDeps,
): Promise<Run> {
  const at = now();
  const stored = await runs.get(scheduled.runId);
  if (!stored) {
    const started: Run = { ...startedRun(scheduled.runId, scheduled, at), ...by };
    if ((await runs.create(started)) === started) return started;
  }
  if (stored && (isRunEnded(stored.state) || stored.planKey !== undefined)) {
    throw new ConflictError(`Run '${stored.id}' is decided. There is nothing left to plan.`);
  }
  if (stored?.waitsForDatasource) await runs.goOn(stored, at);
  const taken = await runs.takeUp(scheduled.runId, by, at - PLANNING_LEASE_MS, at);
  if (taken) return taken;
  throw refusal(`Another process of worker '${by.workerId}' is at work on run '${scheduled.runId}'.`);
}
