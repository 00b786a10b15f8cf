import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BUILT_IN_WORKER_ID } from '#contracts/workers';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { builtInWorkerOf } from '../support/built-in-worker.ts';
import { newId } from '../support/documents.ts';

/** What the test adds to the clock (ms). */
const clock = { ahead: 0 };
let world: ApiWorld;
let builtIn: ReturnType<typeof builtInWorkerOf>;
beforeAll(async () => {
  world = await startApiWorld({ now: () => Date.now() + clock.ahead });
  builtIn = builtInWorkerOf(world);
});
afterAll(() => world.stop());

const MINUTE = 60_000;
let made = 0;
const newDataset = async (token?: string): Promise<string> => {
  const body = { name: `scheduled ${++made}` };
  return (await world.call('create_dataset', { body, ...(token && { token }) })).id;
};
const DIVERSE = [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }];
const SELECTION = { nSamples: 1, strategies: DIVERSE };

async function createConfig(config: object = { selection: SELECTION }, token?: string): Promise<string> {
  const body = { version: 'V4', config: { workerType: 'FULL', ...config } } as never;
  return (await world.call('create_docker_worker_config_vx', { body, ...(token && { token }) })).id;
}
interface Order {
  readonly runsOn?: string[];
  readonly priority?: 'LOW' | 'MID' | 'HIGH' | 'CRITICAL';
  readonly token?: string;
}
async function schedule(datasetId: string, { token, priority = 'MID', runsOn }: Order = {}): Promise<string> {
  const configId = await createConfig(undefined, token);
  const { id } = await world.call('create_docker_run_scheduled_by_dataset_id', {
    path: { datasetId },
    body: { configId, priority, ...(runsOn && { runsOn }) },
    ...(token && { token }),
  });
  return id;
}
/** A worker that says that it is at work. */
async function startWorker(labels: string[] = [], token?: string): Promise<string> {
  const call = token ? { token } : {};
  const body = { name: `worker ${++made}`, workerType: 'FULL' as const, labels };
  const { id: workerId } = await world.call('register_docker_worker', { body, ...call });
  const update = { path: { workerId }, body: { state: 'IDLE' as const }, ...call };
  await world.call('update_docker_worker_registry_entry_by_id', update);
  return workerId;
}
const update = (
  datasetId: string,
  workerId: string,
  scheduledId: string,
  state: 'OPEN' | 'LOCKED' | 'DONE' | 'CANCELED',
) => ({ path: { datasetId, workerId, scheduledId }, body: { state } }) as const;
const lock = (datasetId: string, workerId: string, scheduledId: string) =>
  world.call('update_scheduled_docker_run_state_by_id', update(datasetId, workerId, scheduledId, 'LOCKED'));
const listed = async (
  datasetId: string,
  query: { state?: 'DONE'; states?: ('OPEN' | 'DONE' | 'CANCELED')[] } = {},
) =>
  (await world.call('get_docker_runs_scheduled_by_dataset_id', { path: { datasetId }, query })).map(
    ({ id, state }) => [id, state],
  );
const REFUSED = { status: 409, error: { code: 'DOCKER_WORKER_SCHEDULE_UPDATE_FAILED' } };

describe('scheduling a run', () => {
  test('is listed at once, and sent to the built-in worker', async () => {
    const datasetId = await newDataset();
    const id = await schedule(datasetId, { runsOn: ['gpu'], priority: 'HIGH' });
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
      { selection: { ...SELECTION, proportionSamples: 0.1 } },
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
  ])('with %s is refused, unless the validation is disabled', async (_, config, path) => {
    const datasetId = await newDataset();
    const body = { configId: await createConfig(config), priority: 'MID' as const };
    const call = { path: { datasetId }, body };
    const { status, error } = await world.refused('create_docker_run_scheduled_by_dataset_id', call);
    expect({ status, code: error.code }).toEqual({ status: 400, code: 'DOCKER_WORKER_CONFIG_INVALID' });
    expect(error.error).toContain(path);
    expect(await listed(datasetId)).toEqual([]);
    await world.call('create_docker_run_scheduled_by_dataset_id', {
      ...call,
      query: { disableConfigValidation: true },
    });
    expect(await listed(datasetId)).toHaveLength(1);
  });

  test('by a config of somebody else, or none, is refused', async () => {
    const { token } = await world.addUser(`scheduler-${++made}@example.com`);
    const datasetId = await newDataset(token);
    const priority = 'MID';
    const foreign = { path: { datasetId }, body: { configId: await createConfig(), priority }, token };
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
    const datasetId = await newDataset();
    const done = await schedule(datasetId);
    const canceled = await schedule(datasetId);
    const open = await schedule(datasetId);
    await world.call('cancel_scheduled_docker_run_state_by_id', {
      path: { datasetId, scheduledId: canceled },
    });
    await builtIn.deliver({ datasetId, scheduledId: done });
    expect(await listed(datasetId)).toEqual([[open, 'OPEN']]);
    expect(await listed(datasetId, { state: 'DONE' })).toEqual([[done, 'DONE']]);
    const states: ('OPEN' | 'DONE' | 'CANCELED')[] = ['OPEN', 'DONE', 'CANCELED'];
    expect((await listed(datasetId, { states })).sort()).toEqual(
      [
        [open, 'OPEN'],
        [canceled, 'CANCELED'],
        [done, 'DONE'],
      ].sort(),
    );
  });

  test('are canceled while they are OPEN, and again without harm; not once they are DONE', async () => {
    const datasetId = await newDataset();
    const scheduledId = await schedule(datasetId);
    const path = { datasetId, scheduledId };
    await world.call('cancel_scheduled_docker_run_state_by_id', { path });
    await world.call('cancel_scheduled_docker_run_state_by_id', { path });
    expect(await listed(datasetId)).toEqual([]);
    await builtIn.deliver(path);
    expect((await world.refused('get_docker_run_by_scheduled_id', { path: { scheduledId } })).status).toBe(
      404,
    );
    const done = await schedule(datasetId);
    await builtIn.deliver({ datasetId, scheduledId: done });
    const late = { path: { datasetId, scheduledId: done } };
    expect(await world.refused('cancel_scheduled_docker_run_state_by_id', late)).toMatchObject(REFUSED);
  });

  test('of another dataset are not found', async () => {
    const scheduledId = await schedule(await newDataset());
    const datasetId = await newDataset();
    const workerId = await startWorker();
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
    const { token } = await world.addUser(`poller-${++made}@example.com`);
    const [plain, gpu, urgent] = [
      await schedule(await newDataset(token), { token }),
      await schedule(await newDataset(token), { token, runsOn: ['gpu'] }),
      await schedule(await newDataset(token), { token, priority: 'CRITICAL', runsOn: ['gpu', 'big'] }),
    ];
    expect(await offered({ state: 'OPEN' }, token)).toEqual([plain]);
    expect(await offered({ state: 'OPEN', labels: ['gpu'] }, token)).toEqual([plain, gpu]);
    expect(await offered({ labels: ['big', 'gpu'] }, token)).toEqual([urgent, plain, gpu]);
    expect(await offeredTo(await startWorker(['gpu'], token), {}, token)).toEqual([plain, gpu]);
    expect(await offered({ labels: ['gpu'], version: '4' }, token)).toEqual([plain, gpu]);
    expect(await offered({ labels: ['gpu'], version: 'V3' }, token)).toEqual([]);
    expect(await offered({ labels: ['gpu'], version: '*' }, token)).toEqual([plain, gpu]);
    expect(await offered({ labels: ['gpu'], getAssetsOfTeam: true }, token)).toEqual([]);
    const team = await offered({ labels: ['gpu'], getAssetsOfTeamInclusiveSelf: true });
    expect(team).toEqual(expect.arrayContaining([plain, gpu]));
  });

  test('is not offered what can not be locked, unless it asks for that', async () => {
    const { token } = await world.addUser(`unlockable-${++made}@example.com`);
    const datasetId = await newDataset(token);
    const [locked, waiting] = [await schedule(datasetId, { token }), await schedule(datasetId, { token })];
    const workerId = await startWorker([], token);
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
    const { token } = await world.addUser(`ended-${++made}@example.com`);
    const datasetId = await newDataset(token);
    const mine = await schedule(datasetId, { token });
    const workerId = await startWorker([], token);
    for (const state of ['LOCKED', 'DONE'] as const) {
      await world.call('update_scheduled_docker_run_state_by_id', {
        ...update(datasetId, workerId, mine, state),
        token,
      });
    }
    const builtInDid = await schedule(datasetId, { token });
    await builtIn.deliver({ datasetId, scheduledId: builtInDid });
    expect(await offered({ state: 'DONE' }, token)).toEqual([builtInDid, mine]);
    expect(await offeredTo(workerId, { state: 'DONE' }, token)).toEqual([mine]);
    expect(await offeredTo(BUILT_IN_WORKER_ID, { state: 'DONE' }, token)).toEqual([builtInDid]);
    expect(await offered({ state: 'CANCELED' }, token)).toEqual([]);
  });
});

describe('a worker that locks a run', () => {
  test('has it alone: it is refused to whoever asks next, be it the same worker', async () => {
    const datasetId = await newDataset();
    const scheduledId = await schedule(datasetId);
    const [first, second] = [await startWorker(), await startWorker()];
    await lock(datasetId, first, scheduledId);
    expect(await listed(datasetId)).toEqual([[scheduledId, 'LOCKED']]);
    for (const workerId of [first, second]) {
      expect(
        await world.refused(
          'update_scheduled_docker_run_state_by_id',
          update(datasetId, workerId, scheduledId, 'LOCKED'),
        ),
      ).toMatchObject(REFUSED);
    }
    await builtIn.deliver({ datasetId, scheduledId });
    expect(await listed(datasetId)).toEqual([[scheduledId, 'LOCKED']]);
  });

  test('is one of fifty that try', async () => {
    const datasetId = await newDataset();
    const scheduledId = await schedule(datasetId);
    const workers = await Promise.all(Array.from({ length: 10 }, () => startWorker()));
    const tries = Array.from({ length: 50 }, (_, index) =>
      world.send(
        'update_scheduled_docker_run_state_by_id',
        update(datasetId, workers[index % 10] ?? '', scheduledId, 'LOCKED'),
      ),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(49);
  });

  test('waits for the one run of its dataset that is under way; its end frees the dataset and starts the next', async () => {
    const datasetId = await newDataset();
    const [first, second] = [await schedule(datasetId), await schedule(datasetId)];
    const workerId = await startWorker();
    await lock(datasetId, workerId, first);
    const early = update(datasetId, workerId, second, 'LOCKED');
    expect(await world.refused('update_scheduled_docker_run_state_by_id', early)).toMatchObject(REFUSED);
    const done = update(datasetId, workerId, first, 'DONE');
    await world.call('update_scheduled_docker_run_state_by_id', done);
    await world.call('update_scheduled_docker_run_state_by_id', done);
    await lock(datasetId, workerId, second);
    expect(await listed(datasetId)).toEqual([[second, 'LOCKED']]);
  });

  test('needs the labels that the run asks for', async () => {
    const datasetId = await newDataset();
    const scheduledId = await schedule(datasetId, { runsOn: ['gpu'] });
    const call = update(datasetId, await startWorker(['cpu']), scheduledId, 'LOCKED');
    expect(await world.refused('update_scheduled_docker_run_state_by_id', call)).toMatchObject(REFUSED);
    await lock(datasetId, await startWorker(['cpu', 'gpu']), scheduledId);
  });

  test('says nothing of runs that it has not locked, and the built-in one can not be spoken for', async () => {
    const datasetId = await newDataset();
    const scheduledId = await schedule(datasetId);
    const [holder, other] = [await startWorker(), await startWorker()];
    await lock(datasetId, holder, scheduledId);
    const done = update(datasetId, other, scheduledId, 'DONE');
    expect(await world.refused('update_scheduled_docker_run_state_by_id', done)).toMatchObject(REFUSED);
    const builtInLock = update(datasetId, BUILT_IN_WORKER_ID, scheduledId, 'LOCKED');
    expect((await world.refused('update_scheduled_docker_run_state_by_id', builtInLock)).status).toBe(403);
    const back = update(datasetId, holder, scheduledId, 'OPEN');
    expect(await world.refused('update_scheduled_docker_run_state_by_id', back)).toMatchObject(REFUSED);
  });

  test('changes labels and urgency of an OPEN one', async () => {
    const datasetId = await newDataset();
    const scheduledId = await schedule(datasetId);
    const workerId = await startWorker();
    await world.call('update_scheduled_docker_run_state_by_id', {
      path: { datasetId, workerId, scheduledId },
      body: { state: 'OPEN', priority: 'LOW', runsOn: ['slow'] },
    });
    const [found] = await world.call('get_docker_runs_scheduled_by_dataset_id', { path: { datasetId } });
    expect(found).toMatchObject({ state: 'OPEN', priority: 'LOW', runsOn: ['slow'] });
  });

  test('and then says nothing for five minutes loses it to whoever cancels it', async () => {
    const datasetId = await newDataset();
    const scheduledId = await schedule(datasetId);
    const next = await schedule(datasetId);
    const workerId = await startWorker();
    await lock(datasetId, workerId, scheduledId);
    const { id: runId } = await world.call('create_docker_run', {
      body: { dockerVersion: '3', scheduledId },
    });
    const path = { datasetId, scheduledId };
    expect(await world.refused('cancel_scheduled_docker_run_state_by_id', { path })).toMatchObject(REFUSED);
    clock.ahead += 5 * MINUTE;
    await world.call('cancel_scheduled_docker_run_state_by_id', { path });
    expect(await listed(datasetId)).toEqual([[next, 'OPEN']]);
    expect(await world.call('get_docker_run_by_id', { path: { runId } })).toMatchObject({ state: 'ABORTED' });
    await lock(datasetId, workerId, next);
  });
});

describe('the built-in worker', () => {
  const stateOf = async (datasetId: string, scheduledId: string) =>
    (await listed(datasetId, { states: ['OPEN', 'DONE', 'CANCELED'] })).find(
      ([id]) => id === scheduledId,
    )?.[1];

  test('takes a run whatever labels it asks for, where no worker has them', async () => {
    await startWorker(['other']);
    const datasetId = await newDataset();
    const scheduledId = await schedule(datasetId, { runsOn: ['no such label'] });
    await builtIn.deliver({ datasetId, scheduledId });
    expect(await stateOf(datasetId, scheduledId)).toBe('DONE');
  });

  test('leaves a run to a worker that has its labels, as long as that one is at work', async () => {
    const label = `label ${++made}`;
    const workerId = await startWorker([label]);
    const datasetId = await newDataset();
    const [labelled, plain] = [await schedule(datasetId, { runsOn: [label] }), await schedule(datasetId)];
    await builtIn.deliver({ datasetId, scheduledId: labelled });
    expect(await stateOf(datasetId, labelled)).toBe('OPEN');
    await builtIn.deliver({ datasetId, scheduledId: plain });
    expect(await stateOf(datasetId, plain)).toBe('DONE');
    expect(builtIn.next.take().map(({ message }) => message.scheduledId)).not.toContain(labelled);
    clock.ahead += 4 * MINUTE;
    await world.call('get_docker_runs_scheduled_by_worker_id', { path: { workerId } });
    clock.ahead += 4 * MINUTE;
    await builtIn.deliver({ datasetId, scheduledId: labelled });
    expect(await stateOf(datasetId, labelled)).toBe('OPEN');
    clock.ahead += MINUTE;
    await builtIn.deliver({ datasetId, scheduledId: labelled });
    expect(await stateOf(datasetId, labelled)).toBe('DONE');
  });

  test.each(['OFFLINE', 'CRASHED'] as const)(
    'takes what a worker that is %s would have got',
    async (state) => {
      const label = `label ${++made}`;
      const workerId = await startWorker([label]);
      await world.call('update_docker_worker_registry_entry_by_id', { path: { workerId }, body: { state } });
      const datasetId = await newDataset();
      const scheduledId = await schedule(datasetId, { runsOn: [label] });
      await builtIn.deliver({ datasetId, scheduledId });
      expect(await stateOf(datasetId, scheduledId)).toBe('DONE');
    },
  );

  test('takes what asks for the labels of a worker that may not use the dataset', async () => {
    const label = `label ${++made}`;
    const { token } = await world.addUser(`stranger-${made}@example.com`);
    await startWorker([label], token);
    const datasetId = await newDataset();
    const scheduledId = await schedule(datasetId, { runsOn: [label] });
    await builtIn.deliver({ datasetId, scheduledId });
    expect(await stateOf(datasetId, scheduledId)).toBe('DONE');
  });
});
