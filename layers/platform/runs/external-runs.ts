import type { User } from '#contracts/access';
import { ConflictError, ForbiddenError, InvalidInputError, NotFoundError } from '#contracts/errors';
import type { Run, ScheduledRun } from '#contracts/items';
import { isRunEnded, type RunState } from '#contracts/run-states';
import { milliseconds, newObjectId, type ObjectId, parseWith } from '#contracts/schema';
import { type DatasetAccessDeps, usableDataset } from '../access/usable-dataset.ts';
import { type FinishDeps, finishScheduledRun } from '../scheduling/finish-scheduled-run.ts';
import type { ScheduledRunStore } from '../scheduling/scheduled-runs.ts';
import type { WorkerConfigStore } from '../scheduling/worker-config-store.ts';
import { usableWorkerConfig } from '../scheduling/worker-configs.ts';
import type { RunStore } from './runs.ts';

/** Runs that other workers than the built-in one carry out: what they say through the API is all that is known. */

/** A run has a message for each of its states, and all of them have to fit into one item. */
const LONGEST_MESSAGE = 3_000;
const LONGEST_VERSION = 255;

export interface NewRun {
  readonly dockerVersion: string;
  readonly datasetId?: ObjectId | undefined;
  readonly scheduledId?: ObjectId | undefined;
  readonly configId?: ObjectId | undefined;
  readonly message?: string | undefined;
}

export interface ExternalRunsDeps extends DatasetAccessDeps {
  readonly runs: Pick<RunStore, 'create'>;
  readonly scheduledRuns: Pick<ScheduledRunStore, 'get'>;
  readonly workerConfigs: Pick<WorkerConfigStore, 'get'>;
  /** ms */
  readonly now: () => number;
}

/**
 * Begins a run. That of a scheduled run is one run, however often it is begun: its worker has locked it before.
 *
 * @returns its id
 * @throws ConflictError where the scheduled run is not locked, or by the built-in worker; NotFoundError, ForbiddenError
 * of the dataset and the worker config
 */
export async function createExternalRun(
  { dockerVersion, message = 'A worker has taken the run.', ...given }: NewRun,
  caller: User,
  deps: ExternalRunsDeps,
): Promise<ObjectId> {
  if (dockerVersion.length > LONGEST_VERSION) {
    throw new InvalidInputError(`$.dockerVersion: must have at most ${LONGEST_VERSION} characters.`);
  }
  const at = deps.now();
  const { id, userId, ...of } = await subjectOf(given, caller, deps);
  const run: Run = {
    ...{ id, userId, isExternal: true, dockerVersion, state: 'STARTED', attempts: 1 },
    ...{ createdAt: at, lastModifiedAt: at, heartbeatAt: at, cutoff: at },
    messages: [{ at, state: 'STARTED', message: message.slice(0, LONGEST_MESSAGE) }],
    ...(of.datasetId !== undefined && { datasetId: of.datasetId }),
    ...(of.scheduledId !== undefined && { scheduledId: of.scheduledId }),
    ...(of.configId !== undefined && { configId: of.configId }),
  };
  return (await deps.runs.create(run)).id;
}

type Subject = Pick<Run, 'id' | 'userId' | 'datasetId' | 'scheduledId' | 'configId'>;

async function subjectOf(
  { datasetId, scheduledId, configId }: Pick<NewRun, 'datasetId' | 'scheduledId' | 'configId'>,
  caller: User,
  deps: ExternalRunsDeps,
): Promise<Subject> {
  if (scheduledId === undefined) {
    if (datasetId !== undefined) await usableDataset(caller, datasetId, deps);
    if (configId !== undefined) await usableWorkerConfig(caller, configId, deps.workerConfigs);
    return { id: newObjectId(deps.now()), userId: caller.id, datasetId, configId };
  }
  const scheduled = await deps.scheduledRuns.get(scheduledId);
  if (!scheduled) throw new NotFoundError('scheduled run', scheduledId);
  await usableDataset(caller, scheduled.datasetId, deps);
  checkAgrees({ datasetId, configId }, scheduled);
  const { runId, workerId, userId } = scheduled;
  if (runId === undefined || workerId === undefined) {
    throw new ConflictError(
      `Scheduled run '${scheduledId}' is not locked by a worker that is registered. Lock it first.`,
      { apiCode: 'DOCKER_WORKER_SCHEDULE_UPDATE_FAILED' },
    );
  }
  return { id: runId, userId, datasetId: scheduled.datasetId, scheduledId, configId: scheduled.configId };
}

function checkAgrees(given: Pick<NewRun, 'datasetId' | 'configId'>, scheduled: ScheduledRun): void {
  for (const field of ['datasetId', 'configId'] as const) {
    if (given[field] === undefined || given[field] === scheduled[field]) continue;
    throw new InvalidInputError(`$.${field}: must be that of the scheduled run, '${scheduled[field]}'.`);
  }
}

/** @throws ForbiddenError for a run of the built-in worker */
export function checkIsExternal({ id, isExternal }: Run): void {
  if (isExternal) return;
  throw new ForbiddenError(
    `Run '${id}' is carried out by the built-in worker, which alone writes to it. To stop it, cancel its scheduled run.`,
  );
}

export interface RunProgress {
  readonly state: RunState;
  readonly message?: string | undefined;
  /** When, in ms; @default now */
  readonly ts?: number | undefined;
}

export interface UpdateRunDeps extends FinishDeps {
  readonly runs: Pick<RunStore, 'advance' | 'restate' | 'heartbeat'>;
  readonly scheduledRuns: Pick<ScheduledRunStore, 'get' | 'finish' | 'listUnfinished'>;
}

/**
 * What a worker says of its run. A run only goes forward: what comes late changes nothing. At its end the scheduled run
 * ends too, and the dataset is free for the next one.
 *
 * @throws ConflictError where the run has ended in another state; ForbiddenError for a run of the built-in worker
 */
export async function updateExternalRun(
  run: Run,
  { state, message = '', ts }: RunProgress,
  deps: UpdateRunDeps,
): Promise<void> {
  checkIsExternal(run);
  const at = ts === undefined ? deps.now() : parseWith(milliseconds, ts, '$.ts');
  const text = message.slice(0, LONGEST_MESSAGE);
  const stored = await deps.runs.advance(run.id, state, text, at);
  if (isRunEnded(stored.state)) {
    if (stored.state !== state) {
      throw new ConflictError(`Run '${run.id}' has ended as ${stored.state}. It can't be changed any more.`);
    }
    await finish(stored, deps);
    return;
  }
  if (run.state === state && message !== '' && text !== run.messages.at(-1)?.message) {
    await deps.runs.restate(run, text, at);
  }
  await deps.runs.heartbeat(run.id, deps.now());
}

async function finish({ scheduledId }: Run, deps: UpdateRunDeps): Promise<void> {
  const scheduled = scheduledId === undefined ? undefined : await deps.scheduledRuns.get(scheduledId);
  // Also one that is DONE: who said so first may have died before the dataset was free.
  if (scheduled?.state === 'LOCKED' || scheduled?.state === 'DONE') await finishScheduledRun(scheduled, deps);
}
