import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BUILT_IN_WORKER_ID } from '#contracts/workers';
import { DIVERSE, ONE_BY_DIVERSITY, type RunsClient, runsClientOf } from '../support/api-runs.ts';
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

const update = (
  datasetId: string,
  workerId: string,
  scheduledId: string,
  state: 'OPEN' | 'LOCKED' | 'DONE' | 'CANCELED',
) => ({ path: { datasetId, workerId, scheduledId }, body: { state } }) as const;
const REFUSED = { status: 409, error: { code: 'DOCKER_WORKER_SCHEDULE_UPDATE_FAILED' } };

describe('scheduling a run', () => {
  test('is listed at once, and sent to the built-in worker', async () => {
    const datasetId = await client.newDataset();
    const id = await client.schedule(datasetId, { runsOn: ['gpu'], priority: 'HIGH' });
    const [found] = await world.call('get_docker_runs_scheduled_by_dataset_id', { path: { datasetId } });
    expect(found).toMatchObject({ id, datasetId, state: 'OPEN', priority: 'HIGH', runsOn: ['gpu'] });
    expect(found?.owner).toBe(found?.userId);
    expect(
      await world.refused('get_docker_run_by_scheduled_id', { path: { scheduledId: id } }),
    ).toMatchObject({
      status: 404,
      error: { code: 'DOCKER_RUN_UNKNOWN' },
    });
  });

  test.each([
    [
      'both nSamples and proportionSamples',
      { selection: { ...ONE_BY_DIVERSITY, proportionSamples: 0.1 } },
      'nSamples',
    ],
    ['neither of them', { selection: { strategies: DIVERSE } }, 'nSamples'],
    [
      'a strategy that no worker here knows',
      {
        selection: {
          nSamples: 1,
          strategies: [{ input: { type: 'RANDOM' }, strategy: { type: 'DIVERSITY' } }],
        },
      },
      'selection.strategies[0].strategy.type',
    ],
    [
      'sequences by another strategy than diversity',
      {
        docker: { selectedSequenceLength: 2 },
        selection: {
          nSamples: 2,
          strategies: [{ input: { type: 'RANDOM' }, strategy: { type: 'WEIGHTS' } }],
        },
      },
      'selection.strategies[0].strategy.type: WEIGHTS',
    ],
  ])('with %s is refused, unless the validation is disabled', async (_, config, path) => {
    const datasetId = await client.newDataset();
    const body = { configId: await client.createConfig(config), priority: 'MID' as const };
    const call = { path: { datasetId }, body };
    const { status, error } = await world.refused('create_docker_run_scheduled_by_dataset_id', call);
    expect({ status, code: error.code }).toEqual({ status: 400, code: 'DOCKER_WORKER_CONFIG_INVALID' });
    expect(error.error).toContain(path);
    expect(await client.listed(datasetId)).toEqual([]);
    await world.call('create_docker_run_scheduled_by_dataset_id', {
      ...call,
      query: { disableConfigValidation: true },
    });
    expect(await client.listed(datasetId)).toHaveLength(1);
  });

  test('by a config of somebody else, or none, is refused', async () => {
    const { token } = await client.member();
    const datasetId = await client.newDataset(token);
    const priority = 'MID';
    const foreign = {
      path: { datasetId },
      body: { configId: await client.createConfig({}), priority },
      token,
    };
    expect((await world.refused('create_docker_run_scheduled_by_dataset_id', foreign)).status).toBe(403);
    const unknown = { path: { datasetId }, body: { configId: newId(), priority }, token };
    expect(await world.refused('create_docker_run_scheduled_by_dataset_id', unknown)).toMatchObject({
      status: 404,
      error: { code: 'DOCKER_WORKER_CONFIG_UNKNOWN' },
    });
  });
});

describe('the scheduled runs of a dataset', () => {
  test('are those that have not ended, newest first, unless states are asked for', async () => {
    const datasetId = await client.newDataset();
    const done = await client.schedule(datasetId);
    const canceled = await client.schedule(datasetId);
    const open = await client.schedule(datasetId);
    await world.call('cancel_scheduled_docker_run_state_by_id', {
      path: { datasetId, scheduledId: canceled },
    });
    await builtIn.deliver({ datasetId, scheduledId: done });
    expect(await client.listed(datasetId)).toEqual([[open, 'OPEN']]);
    expect(await client.listed(datasetId, { state: 'DONE' })).toEqual([[done, 'DONE']]);
    const states: ('OPEN' | 'DONE' | 'CANCELED')[] = ['OPEN', 'DONE', 'CANCELED'];
    expect((await client.listed(datasetId, { states })).sort()).toEqual(
      [
        [open, 'OPEN'],
        [canceled, 'CANCELED'],
        [done, 'DONE'],
      ].sort(),
    );
  });

  test('are canceled while they are OPEN, and again without harm; not once they are DONE', async () => {
    const datasetId = await client.newDataset();
    const scheduledId = await client.schedule(datasetId);
    const path = { datasetId, scheduledId };
    await world.call('cancel_scheduled_docker_run_state_by_id', { path });
    await world.call('cancel_scheduled_docker_run_state_by_id', { path });
    expect(await client.listed(datasetId)).toEqual([]);
    await builtIn.deliver(path);
    expect((await world.refused('get_docker_run_by_scheduled_id', { path: { scheduledId } })).status).toBe(
      404,
    );
    const done = await client.schedule(datasetId);
    await builtIn.deliver({ datasetId, scheduledId: done });
    const late = { path: { datasetId, scheduledId: done } };
    expect(await world.refused('cancel_scheduled_docker_run_state_by_id', late)).toMatchObject(REFUSED);
  });

  test('of another dataset are not found', async () => {
    const scheduledId = await client.schedule(await client.newDataset());
    const datasetId = await client.newDataset();
    const workerId = await client.startWorker();
    const unknown = { status: 404, error: { code: 'DOCKER_WORKER_SCHEDULE_UNKNOWN' } };
    expect(
      await world.refused('cancel_scheduled_docker_run_state_by_id', { path: { datasetId, scheduledId } }),
    ).toMatchObject(unknown);
    expect(
      await world.refused(
        'update_scheduled_docker_run_state_by_id',
        update(datasetId, workerId, scheduledId, 'LOCKED'),
      ),
    ).toMatchObject(unknown);
  });
});

describe('a worker that polls', () => {
  const offered = async (query: object, token?: string) =>
    (
      await world.call('get_docker_runs_scheduled_by_state_and_labels', { query, ...(token && { token }) })
    ).map(({ id }) => id);
  const offeredTo = async (workerId: string, query: object = {}, token?: string) =>
    (
      await world.call('get_docker_runs_scheduled_by_worker_id', {
        path: { workerId },
        query,
        ...(token && { token }),
      })
    ).map(({ id }) => id);

  test('is offered what asks for no label that it has not, the most urgent first', async () => {
    const { token } = await client.member();
    const [plain, gpu, urgent] = [
      await client.schedule(await client.newDataset(token), { token }),
      await client.schedule(await client.newDataset(token), { token, runsOn: ['gpu'] }),
      await client.schedule(await client.newDataset(token), {
        token,
        priority: 'CRITICAL',
        runsOn: ['gpu', 'big'],
      }),
    ];
    expect(await offered({ state: 'OPEN' }, token)).toEqual([plain]);
    expect(await offered({ state: 'OPEN', labels: ['gpu'] }, token)).toEqual([plain, gpu]);
    expect(await offered({ labels: ['big', 'gpu'] }, token)).toEqual([urgent, plain, gpu]);
    expect(await offeredTo(await client.startWorker(['gpu'], token), {}, token)).toEqual([plain, gpu]);
    expect(await offered({ labels: ['gpu'], version: '4' }, token)).toEqual([plain, gpu]);
    expect(await offered({ labels: ['gpu'], version: 'V3' }, token)).toEqual([]);
    expect(await offered({ labels: ['gpu'], version: '*' }, token)).toEqual([plain, gpu]);
    expect(await offered({ labels: ['gpu'], getAssetsOfTeam: true }, token)).toEqual([]);
    const team = await offered({ labels: ['gpu'], getAssetsOfTeamInclusiveSelf: true });
    expect(team).toEqual(expect.arrayContaining([plain, gpu]));
  });

  test('is not offered what can not be locked, unless it asks for that', async () => {
    const { token } = await client.member();
    const datasetId = await client.newDataset(token);
    const [locked, waiting] = [
      await client.schedule(datasetId, { token }),
      await client.schedule(datasetId, { token }),
    ];
    const workerId = await client.startWorker([], token);
    await world.call('update_scheduled_docker_run_state_by_id', {
      ...update(datasetId, workerId, locked, 'LOCKED'),
      token,
    });
    expect(await offered({ state: 'OPEN' }, token)).toEqual([]);
    expect(await offered({ state: 'OPEN', includeUnlockableRuns: true }, token)).toEqual([waiting]);
    expect(await offered({ state: 'LOCKED' }, token)).toEqual([locked]);
    expect(await offeredTo(workerId, { state: 'LOCKED' }, token)).toEqual([locked]);
    expect(await offeredTo(workerId, { state: 'OPEN' }, token)).toEqual([]);
  });

  test('sees what it and others have done', async () => {
    const { token } = await client.member();
    const datasetId = await client.newDataset(token);
    const mine = await client.schedule(datasetId, { token });
    const workerId = await client.startWorker([], token);
    for (const state of ['LOCKED', 'DONE'] as const) {
      await world.call('update_scheduled_docker_run_state_by_id', {
        ...update(datasetId, workerId, mine, state),
        token,
      });
    }
    const builtInDid = await client.schedule(datasetId, { token });
    await builtIn.deliver({ datasetId, scheduledId: builtInDid });
    expect(await offered({ state: 'DONE' }, token)).toEqual([builtInDid, mine]);
    expect(await offeredTo(workerId, { state: 'DONE' }, token)).toEqual([mine]);
    expect(await offeredTo(BUILT_IN_WORKER_ID, { state: 'DONE' }, token)).toEqual([builtInDid]);
    expect(await offered({ state: 'CANCELED' }, token)).toEqual([]);
  });
});
