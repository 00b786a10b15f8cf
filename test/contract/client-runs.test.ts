import { afterEach, describe, expect, test } from '@jest/globals';
import {
  type DockerRunScheduledData,
  type DockerWorkerRegistryEntryData,
  InvalidArgumentError,
  InvalidConfigurationError,
} from '../../client/index.ts';
import {
  type ClientWorld,
  DATASET_ID,
  objectId,
  runData,
  startClientWorld,
  tagData,
} from '../support/client-world.ts';
import { Refusal } from '../support/protocol-server.ts';

let world: ClientWorld;
const start = async (...how: Parameters<typeof startClientWorld>) => {
  world = await startClientWorld(...how);
  return world;
};
afterEach(() => world.server.stop());

const SCHEDULED = objectId(6);
const scheduledRun: DockerRunScheduledData = {
  id: SCHEDULED,
  datasetId: DATASET_ID,
  configId: objectId(5),
  priority: 'MID',
  runsOn: [],
  state: 'OPEN',
  createdAt: 1,
  lastModifiedAt: 1,
  userId: 'user',
};
const unknownRun = () => {
  throw new Refusal(404, 'DOCKER_RUN_UNKNOWN');
};

describe('a run', () => {
  test('is scheduled with a config of its own', async () => {
    const { client, server } = await start({
      create_docker_worker_config_vx: () => ({ id: objectId(5) }),
      create_docker_run_scheduled_by_dataset_id: () => ({ id: SCHEDULED }),
    });
    const id = await client.scheduleComputeWorkerRun({
      workerConfig: { use_datapool: true },
      selectionConfig: {
        n_samples: 5,
        strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }],
      },
      priority: 'HIGH',
      runsOn: ['gpu'],
    });
    expect(id).toBe(SCHEDULED);
    const strategies = [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }];
    expect(server.calls.map(({ body }) => body)).toEqual([
      {
        ...{ version: 'V4', creator: 'USER_PIP' },
        config: { workerType: 'FULL', docker: { useDatapool: true }, selection: { nSamples: 5, strategies } },
      },
      { configId: objectId(5), priority: 'HIGH', runsOn: ['gpu'], creator: 'USER_PIP' },
    ]);
  });

  test('with an option that does not exist never reaches the server', async () => {
    const { client, server } = await start();
    const scheduling = client.scheduleComputeWorkerRun({ workerConfig: { use_datapol: true } });
    await expect(scheduling).rejects.toThrow(InvalidConfigurationError);
    expect(server.calls).toEqual([]);
  });

  test('is watched from its schedule to its end; what stays the same is told once', async () => {
    const states = [
      undefined,
      undefined,
      { state: 'STARTED', message: 'begun' },
      { state: 'SAMPLING', message: 'choosing' },
      { state: 'SAMPLING', message: 'choosing' },
      { state: 'SAMPLING', message: 'choosing still' },
      { state: 'COMPLETED', message: 'done' },
    ] as const;
    let look = 0;
    const { client, waits } = await start({
      get_docker_run_by_scheduled_id: () => runData(states[look++] ?? unknownRun()),
      get_docker_runs_scheduled_by_dataset_id: () => [scheduledRun],
    });
    const seen: string[] = [];
    for await (const info of client.computeWorkerRunInfoGenerator(SCHEDULED)) {
      seen.push(`${info.state} ${info.message}`);
      if (!info.inEndState()) expect(() => info.endedSuccessfully()).toThrow(InvalidArgumentError);
      else expect(info.endedSuccessfully()).toBe(true);
    }
    expect(seen).toEqual([
      'OPEN No worker has begun with the run yet.',
      'STARTED begun',
      'SAMPLING choosing',
      'SAMPLING choosing still',
      'COMPLETED done',
    ]);
    expect(waits).toEqual(Array.from({ length: 6 }, () => 30_000));
  });

  test.each(['FAILED', 'CRASHED', 'ABORTED'] as const)(
    'that is %s has ended without success',
    async (state) => {
      const { client } = await start({ get_docker_run_by_scheduled_id: () => runData({ state }) });
      const info = await client.getComputeWorkerRunInfo(SCHEDULED);
      expect([info.inEndState(), info.endedSuccessfully()]).toEqual([true, false]);
    },
  );

  test('that was canceled is missing, and that is an end', async () => {
    const { client } = await start({
      get_docker_run_by_scheduled_id: unknownRun,
      get_docker_runs_scheduled_by_dataset_id: () => [],
    });
    const info = await client.getComputeWorkerRunInfo(SCHEDULED);
    expect(info).toMatchObject({ state: 'CANCELED_OR_NOT_EXISTING' });
    expect(info.endedSuccessfully()).toBe(false);
  });

  test('that nobody may see is not taken for one that is missing', async () => {
    const { client } = await start({
      get_docker_run_by_scheduled_id: () => {
        throw new Refusal(403, 'FORBIDDEN');
      },
    });
    await expect(client.getComputeWorkerRunInfo(SCHEDULED)).rejects.toMatchObject({ status: 403 });
  });

  test('is no longer watched when the signal says so', async () => {
    const controller = new AbortController();
    const { client } = await start({ get_docker_run_by_scheduled_id: () => runData() });
    const watch = async () => {
      const { signal } = controller;
      for await (const _ of client.computeWorkerRunInfoGenerator(SCHEDULED, { signal }))
        controller.abort(new Error('enough'));
    };
    await expect(watch()).rejects.toThrow('enough');
  });

  test('has its logs read to their end', async () => {
    const lines = Array.from(
      { length: 5 },
      (_, ts) => ({ ts, level: 'INFO', msg: `${ts}`, state: 'STARTED' }) as const,
    );
    const { client, server } = await start({
      get_docker_run_logs_by_id: ({ query: { cursor = 0 } }) => ({
        ...{ cursor: Math.min(5, cursor + 2), logs: lines.slice(cursor, cursor + 2) },
      }),
    });
    const read: string[] = [];
    for await (const { msg } of client.getComputeWorkerRunLogsIter(objectId(1))) read.push(msg);
    expect(read).toEqual(['0', '1', '2', '3', '4']);
    expect(server.calls.length).toBeLessThanOrEqual(4);
  });

  test('has tags in several datasets; those of the one in use count', async () => {
    const { client } = await start({
      get_docker_run_tags: () => [tagData(), tagData({ id: objectId(3), datasetId: objectId(4) })],
    });
    expect(await client.getComputeWorkerRunTags(objectId(1))).toEqual([tagData()]);
  });
});

describe('runs', () => {
  test('are listed with the oldest first, of all datasets or of one', async () => {
    const runs = [3, 1, 2].map((createdAt) => runData({ id: objectId(createdAt), createdAt }));
    const { client, server } = await start({
      get_docker_runs: () => runs,
      get_docker_runs_query_by_dataset_id: () => runs.slice(1),
    });
    expect((await client.getComputeWorkerRuns()).map(({ createdAt }) => createdAt)).toEqual([1, 2, 3]);
    const ofDataset = await client.getComputeWorkerRuns({ datasetId: DATASET_ID });
    expect(ofDataset.map(({ createdAt }) => createdAt)).toEqual([1, 2]);
    expect(server.calls[1]?.path).toEqual({ datasetId: DATASET_ID });
  });

  test('that are scheduled are listed by their state, and canceled', async () => {
    const { client, server } = await start({
      get_docker_runs_scheduled_by_dataset_id: () => [scheduledRun],
      cancel_scheduled_docker_run_state_by_id: () => undefined,
    });
    expect(await client.getScheduledComputeWorkerRuns({ state: 'OPEN' })).toEqual([scheduledRun]);
    await client.cancelScheduledComputeWorkerRun(SCHEDULED);
    expect(server.calls[0]?.query).toEqual({ state: 'OPEN' });
    expect(server.calls[1]?.path).toEqual({ datasetId: DATASET_ID, scheduledId: SCHEDULED });
  });

  test('are read one by one', async () => {
    const { client } = await start({ get_docker_run_by_id: ({ path }) => runData({ id: path.runId }) });
    expect(await client.getComputeWorkerRun(objectId(4))).toMatchObject({ id: objectId(4) });
  });
});

test('workers are registered, listed and deleted', async () => {
  const worker: DockerWorkerRegistryEntryData = {
    ...{ id: objectId(1), userId: 'user', name: 'mine', workerType: 'FULL', state: 'IDLE', labels: [] },
    ...{ createdAt: 1, lastModifiedAt: 1 },
  };
  const { client, server } = await start({
    register_docker_worker: () => ({ id: worker.id }),
    get_docker_worker_registry_entries: () => [worker],
    delete_docker_worker_registry_entry_by_id: () => undefined,
  });
  expect(await client.registerComputeWorker()).toBe(worker.id);
  expect(await client.getComputeWorkerIds()).toEqual([worker.id]);
  await client.deleteComputeWorker(worker.id);
  expect(server.calls[0]?.body).toEqual({
    name: 'Default',
    workerType: 'FULL',
    labels: [],
    creator: 'USER_PIP',
  });
  expect(server.calls[2]?.path).toEqual({ workerId: worker.id });
});
