import pMap from 'p-map';
import { NotFoundError } from '#contracts/errors';
import type { Run } from '#contracts/items';
import type { DockerRunData, TagData } from '#contracts/protocol/types.gen';
import { usableDataset } from '#platform/access/usable-dataset';
import { createExternalRun, updateExternalRun } from '#platform/runs/external-runs';
import { readableArtifacts } from '#platform/runs/uploaded-files';
import { countVisibleRuns, runsOfDataset, visibleRuns } from '#platform/runs/visible-runs';
import { WORKER_VERSION } from '#platform/runs/worker-version';
import type { ApiDeps } from '../api-deps.ts';
import { type OperationRequest, type Operations, RowStream } from '../operation.ts';
import { toTagData } from '../wire/tag-data.ts';

type RunsOperation =
  | 'create_docker_run'
  | 'get_docker_runs'
  | 'get_docker_runs_count'
  | 'get_docker_runs_query_by_dataset_id'
  | 'get_docker_run_by_scheduled_id'
  | 'get_docker_run_by_id'
  | 'update_docker_run_by_id'
  | 'get_docker_run_tags';

type RunsDeps = Pick<
  ApiDeps,
  | 'runs'
  | 'artifacts'
  | 'uploads'
  | 'tags'
  | 'scheduledRuns'
  | 'workerConfigs'
  | 'workers'
  | 'users'
  | 'sharedAccess'
  | 'datasets'
  | 'runQueue'
  | 'now'
>;

export function runsOperations(deps: RunsDeps): Operations<RunsOperation> {
  return {
    create_docker_run: async ({ caller, body }) => {
      return { id: await createExternalRun(body, caller, deps) };
    },
    get_docker_runs: async ({ caller, query }) =>
      new RowStream(dockerRunRows(visibleRuns(caller, query, deps), deps)),
    get_docker_runs_count: async ({ caller, query }) => String(await countVisibleRuns(caller, query, deps)),
    get_docker_runs_query_by_dataset_id: async ({ dataset, query }) =>
      new RowStream(dockerRunRows(runsOfDataset(dataset.id, query, deps), deps)),
    get_docker_run_by_scheduled_id: async (request) => runData(await runOfScheduled(request, deps), deps),
    get_docker_run_by_id: async ({ run }) => runData(run, deps),
    update_docker_run_by_id: async ({ run, body }) => {
      await updateExternalRun(run, body, deps);
    },
    get_docker_run_tags: async ({ run }) => new RowStream(tagRows(run, deps)),
  };
}

/** @throws NotFoundError until a worker has taken the scheduled run; ForbiddenError */
async function runOfScheduled(
  { caller, path }: OperationRequest<'get_docker_run_by_scheduled_id'>,
  deps: RunsDeps,
): Promise<Run> {
  const scheduled = await deps.scheduledRuns.get(path.scheduledId);
  if (!scheduled) throw new NotFoundError('scheduled run', path.scheduledId);
  await usableDataset(caller, scheduled.datasetId, deps);
  const run = scheduled.runId === undefined ? undefined : await deps.runs.get(scheduled.runId);
  if (!run) throw new NotFoundError('run', `of scheduled run ${scheduled.id}`);
  return run;
}

/** Each run has a query for its artifacts. */
const CONCURRENT_ROWS = 16;

async function* dockerRunRows(
  batches: AsyncIterable<readonly Run[]>,
  deps: RunsDeps,
): AsyncGenerator<DockerRunData> {
  for await (const runs of batches) {
    yield* await pMap(runs, (run) => runData(run, deps), { concurrency: CONCURRENT_ROWS });
  }
}

async function runData(run: Run, deps: Pick<RunsDeps, 'artifacts' | 'uploads'>): Promise<DockerRunData> {
  const { id, userId, datasetId, scheduledId, configId, state, createdAt, lastModifiedAt, messages } = run;
  const artifacts = await readableArtifacts(run, deps);
  return {
    ...{ id, userId, state, createdAt, lastModifiedAt, archived: false },
    dockerVersion: run.dockerVersion ?? WORKER_VERSION,
    ...(datasetId !== undefined && { datasetId }),
    ...(scheduledId !== undefined && { scheduledId }),
    ...(configId !== undefined && { configId }),
    message: messages.at(-1)?.message ?? '',
    artifacts: artifacts.map((artifact) => ({
      id: artifact.id,
      type: artifact.type,
      fileName: artifact.fileName,
      storageLocation: 'LIGHTLY',
      createdAt: artifact.createdAt,
    })),
  };
}

/** Newest first; the masks of the run's own tags are read, and no others. */
async function* tagRows({ id, datasetId }: Run, { tags, datasets }: RunsDeps): AsyncGenerator<TagData> {
  const dataset = datasetId === undefined ? undefined : await datasets.get(datasetId);
  if (datasetId === undefined || !dataset) return;
  for (const header of await tags.listHeaders(datasetId)) {
    const tag = header.runId === id ? await tags.get(datasetId, header.id) : undefined;
    if (tag) yield toTagData(tag, dataset.sampleCount);
  }
}
