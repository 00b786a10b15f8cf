import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type RunsClient, runsClientOf } from '../support/api-runs.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { builtInWorkerOf } from '../support/built-in-worker.ts';
import { newId } from '../support/documents.ts';

let world: ApiWorld;
let client: RunsClient;
let builtIn: ReturnType<typeof builtInWorkerOf>;
beforeAll(async () => {
  world = await startApiWorld();
  client = runsClientOf(world);
  builtIn = builtInWorkerOf(world);
});
afterAll(() => world.stop());

describe('a run of another worker', () => {
  test('is one run, however often it is begun', async () => {
    const { runId, begin, scheduledId, datasetId } = await client.externalRun();
    expect(await world.call('create_docker_run', begin)).toEqual({ id: runId });
    expect(await client.runOf(scheduledId)).toMatchObject({
      ...{ id: runId, datasetId, dockerVersion: '3.0.0', state: 'STARTED', message: 'Hello', artifacts: [] },
    });
  });

  test('goes forward; what comes late changes nothing, and a message may be restated', async () => {
    const { runId } = await client.externalRun();
    const path = { runId };
    const update = (state: 'TRAINING' | 'INITIALIZING', message: string) =>
      world.call('update_docker_run_by_id', { path, body: { state, message, ts: Date.now() } });
    await update('TRAINING', 'epoch 1');
    await update('TRAINING', 'epoch 1');
    await update('INITIALIZING', 'late');
    expect(await world.call('get_docker_run_by_id', { path })).toMatchObject({
      state: 'TRAINING',
      message: 'epoch 1',
    });
    await update('TRAINING', 'epoch 2');
    expect(await world.call('get_docker_run_by_id', { path })).toMatchObject({
      state: 'TRAINING',
      message: 'epoch 2',
    });
  });

  test('ends once, and frees its dataset for the next one', async () => {
    const { runId, datasetId } = await client.externalRun();
    const path = { runId };
    const end = { path, body: { state: 'FAILED' as const, message: 'x'.repeat(10_000) } };
    await world.call('update_docker_run_by_id', end);
    await world.call('update_docker_run_by_id', end);
    const late = { path, body: { state: 'COMPLETED' } };
    expect((await world.refused('update_docker_run_by_id', late)).status).toBe(409);
    expect((await world.call('get_docker_run_by_id', { path })).message).toHaveLength(3_000);
    expect(await world.call('get_docker_runs_scheduled_by_dataset_id', { path: { datasetId } })).toEqual([]);
    const next = await client.schedule(datasetId, { config: {} });
    await builtIn.deliver({ datasetId, scheduledId: next });
    expect((await client.runOf(next)).state).toBe('COMPLETED');
  });

  test("may be of no schedule and no dataset: then it is its owner's", async () => {
    const { token } = await client.member();
    const { id: runId } = await world.call('create_docker_run', { body: { dockerVersion: '1' }, token });
    const path = { runId };
    expect(await world.call('get_docker_run_by_id', { path, token })).toMatchObject({ state: 'STARTED' });
    await world.call('update_docker_run_by_id', { path, body: { state: 'COMPLETED' }, token });
    expect(await world.call('get_docker_run_tags', { path, token })).toEqual([]);
    const stranger = await client.member();
    expect((await world.refused('get_docker_run_by_id', { path, token: stranger.token })).status).toBe(403);
  });

  test('must be of a dataset, a config and a schedule that are there and agree', async () => {
    const { token } = await client.member();
    const { scheduledId, begin } = await client.externalRun();
    const refused = (body: object) =>
      world.refused('create_docker_run', { body: { dockerVersion: '3', ...body }, token });
    expect((await refused({ scheduledId })).status).toBe(403);
    expect((await refused({ datasetId: begin.body.datasetId })).status).toBe(403);
    expect(await refused({ datasetId: newId() })).toMatchObject({
      status: 404,
      error: { code: 'DATASET_UNKNOWN' },
    });
    expect(await refused({ scheduledId: newId() })).toMatchObject({
      status: 404,
      error: { code: 'DOCKER_WORKER_SCHEDULE_UNKNOWN' },
    });
    expect(await refused({ configId: newId() })).toMatchObject({
      status: 404,
      error: { code: 'DOCKER_WORKER_CONFIG_UNKNOWN' },
    });
    const other = { ...begin.body, datasetId: await client.newDataset() };
    expect((await world.refused('create_docker_run', { body: other })).status).toBe(400);
  });

  test('whose worker says impossible times is refused', async () => {
    const { runId } = await client.externalRun();
    const call = { path: { runId }, body: { state: 'TRAINING', ts: 1e300 } };
    expect((await world.refused('update_docker_run_by_id', call)).status).toBe(400);
  });
});
