import { NotFoundError } from '#contracts/errors';
import {
  ApiError,
  type ApiWorkflowClient,
  type DockerRunData,
  type DockerRunScheduledData,
} from '../client/index.ts';

/** A run of a dataset, from the time that it is scheduled. */
export interface DatasetRun {
  /** Undefined of a run that a worker began without a schedule. */
  readonly scheduledRunId: string | undefined;
  /** Undefined while no worker has begun with it. */
  readonly runId: string | undefined;
  /** That of the run; of the scheduled run while there is none. */
  readonly state: string;
  readonly message: string | undefined;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** The newest first. */
export async function runsOf(client: ApiWorkflowClient, datasetId: string): Promise<DatasetRun[]> {
  const [runs, unfinished, canceled] = await Promise.all([
    client.getComputeWorkerRuns({ datasetId }),
    client.getScheduledComputeWorkerRuns(),
    client.getScheduledComputeWorkerRuns({ state: 'CANCELED' }),
  ]);
  const begun = new Set(runs.map(({ scheduledId }) => scheduledId));
  const waiting = [...unfinished, ...canceled].filter(({ id }) => !begun.has(id));
  return [...runs.map(ofRun), ...waiting.map(ofScheduledRun)].sort(
    (one, other) => other.createdAt - one.createdAt,
  );
}

/**
 * A run by its id or that of its scheduled run; without an id, the newest.
 * @throws NotFoundError
 */
export async function findRun(
  client: ApiWorkflowClient,
  dataset: { readonly id: string; readonly name: string },
  id: string | undefined,
): Promise<DatasetRun> {
  const runs = await runsOf(client, dataset.id);
  const found =
    id === undefined ? runs[0] : runs.find((run) => run.runId === id || run.scheduledRunId === id);
  if (found) return found;
  if (id === undefined) throw new NotFoundError('run of the dataset', dataset.name);
  // One that has begun this moment may be in no listing.
  const begun = await runOfSchedule(client, id);
  if (begun?.datasetId === dataset.id) return ofRun(begun);
  throw new NotFoundError(`run of the dataset '${dataset.name}' with the id`, id);
}

/** The run itself. @throws NotFoundError while no worker has begun with it */
export async function begunRun(
  client: ApiWorkflowClient,
  dataset: { readonly id: string; readonly name: string },
  id: string | undefined,
): Promise<DockerRunData> {
  const { runId, scheduledRunId } = await findRun(client, dataset, id);
  if (runId !== undefined) return client.getComputeWorkerRun(runId);
  throw new NotFoundError('worker that has begun with the scheduled run', String(scheduledRunId));
}

const OBJECT_ID = /^[0-9a-f]{24}$/;

async function runOfSchedule(client: ApiWorkflowClient, id: string): Promise<DockerRunData | undefined> {
  if (!OBJECT_ID.test(id)) return undefined;
  try {
    return await client.getComputeWorkerRunFromScheduledRun(id);
  } catch (error) {
    // One of a dataset that is not the caller's is none of this dataset.
    if (error instanceof ApiError && (error.status === 404 || error.status === 403)) return undefined;
    throw error;
  }
}

const ofRun = ({ id, scheduledId, state, message, createdAt }: DockerRunData): DatasetRun => ({
  scheduledRunId: scheduledId,
  runId: id,
  state,
  message,
  createdAt,
});

const ofScheduledRun = ({ id, state, createdAt }: DockerRunScheduledData): DatasetRun => ({
  scheduledRunId: id,
  runId: undefined,
  state,
  message: undefined,
  createdAt,
});
