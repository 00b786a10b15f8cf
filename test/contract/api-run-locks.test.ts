import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BUILT_IN_WORKER_ID } from '#contracts/workers';
import { cancelScheduledRun } from '#platform/scheduling/change-scheduled-run';
import { newName, type RunsClient, runsClientOf } from '../support/api-runs.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { builtInWorkerOf } from '../support/built-in-worker.ts';

/** What the test adds to the clock (ms). */
const clock = { ahead: 0 };
const MINUTE = 60_000;
let world: ApiWorld;
let client: RunsClient;
let builtIn: ReturnType<typeof builtInWorkerOf>;
beforeAll(async () => {
  world = await startApiWorld({ now: () => Date.now() + clock.ahead });
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
const lock = (datasetId: string, workerId: string, scheduledId: string) =>
  world.call('update_scheduled_docker_run_state_by_id', update(datasetId, workerId, scheduledId, 'LOCKED'));

describe('a worker that locks a run', () => {
  test('has it alone: it is refused to whoever asks next, be it the same worker', async () => {
    const datasetId = await client.newDataset();
    const scheduledId = await client.schedule(datasetId);
    const [first, second] = [await client.startWorker(), await client.startWorker()];
    await lock(datasetId, first, scheduledId);
    expect(await client.listed(datasetId)).toEqual([[scheduledId, 'LOCKED']]);
    for (const workerId of [first, second]) {
      expect(
        await world.refused(
          'update_scheduled_docker_run_state_by_id',
          update(datasetId, workerId, scheduledId, 'LOCKED'),
        ),
      ).toMatchObject(REFUSED);
    }
    await builtIn.deliver({ datasetId, scheduledId });
    expect(await client.listed(datasetId)).toEqual([[scheduledId, 'LOCKED']]);
  });

  test('is one of fifty that try', async () => {
    const datasetId = await client.newDataset();
    const scheduledId = await client.schedule(datasetId);
    const workers = await Promise.all(Array.from({ length: 10 }, () => client.startWorker()));
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
    const datasetId = await client.newDataset();
    const [first, second] = [await client.schedule(datasetId), await client.schedule(datasetId)];
    const workerId = await client.startWorker();
    await lock(datasetId, workerId, first);
    const early = update(datasetId, workerId, second, 'LOCKED');
    expect(await world.refused('update_scheduled_docker_run_state_by_id', early)).toMatchObject(REFUSED);
    const done = update(datasetId, workerId, first, 'DONE');
    await world.call('update_scheduled_docker_run_state_by_id', done);
    await world.call('update_scheduled_docker_run_state_by_id', done);
    await lock(datasetId, workerId, second);
    expect(await client.listed(datasetId)).toEqual([[second, 'LOCKED']]);
  });

  test('keeps it where somebody cancels it at the same moment, who is told so', async () => {
    const datasetId = await client.newDataset();
    const scheduledId = await client.schedule(datasetId);
    const asRead = await world.deps.scheduledRuns.get(scheduledId);
    await lock(datasetId, await client.startWorker(), scheduledId);
    await expect(cancelScheduledRun(asRead!, world.deps)).rejects.toThrow('is at work on scheduled run');
    expect(await client.listed(datasetId)).toEqual([[scheduledId, 'LOCKED']]);
  });

  test('needs the labels that the run asks for', async () => {
    const datasetId = await client.newDataset();
    const scheduledId = await client.schedule(datasetId, { runsOn: ['gpu'] });
    const call = update(datasetId, await client.startWorker(['cpu']), scheduledId, 'LOCKED');
    expect(await world.refused('update_scheduled_docker_run_state_by_id', call)).toMatchObject(REFUSED);
    await lock(datasetId, await client.startWorker(['cpu', 'gpu']), scheduledId);
  });

  test('says nothing of runs that it has not locked, and the built-in one can not be spoken for', async () => {
    const datasetId = await client.newDataset();
    const scheduledId = await client.schedule(datasetId);
    const [holder, other] = [await client.startWorker(), await client.startWorker()];
    await lock(datasetId, holder, scheduledId);
    const done = update(datasetId, other, scheduledId, 'DONE');
    expect(await world.refused('update_scheduled_docker_run_state_by_id', done)).toMatchObject(REFUSED);
    const builtInLock = update(datasetId, BUILT_IN_WORKER_ID, scheduledId, 'LOCKED');
    expect((await world.refused('update_scheduled_docker_run_state_by_id', builtInLock)).status).toBe(403);
    const back = update(datasetId, holder, scheduledId, 'OPEN');
    expect(await world.refused('update_scheduled_docker_run_state_by_id', back)).toMatchObject(REFUSED);
  });

  test('changes labels and urgency of an OPEN one', async () => {
    const datasetId = await client.newDataset();
    const scheduledId = await client.schedule(datasetId);
    const workerId = await client.startWorker();
    await world.call('update_scheduled_docker_run_state_by_id', {
      path: { datasetId, workerId, scheduledId },
      body: { state: 'OPEN', priority: 'LOW', runsOn: ['slow'] },
    });
    const [found] = await world.call('get_docker_runs_scheduled_by_dataset_id', { path: { datasetId } });
    expect(found).toMatchObject({ state: 'OPEN', priority: 'LOW', runsOn: ['slow'] });
  });

  test('and then says nothing for five minutes loses it to whoever cancels it', async () => {
    const datasetId = await client.newDataset();
    const scheduledId = await client.schedule(datasetId);
    const next = await client.schedule(datasetId);
    const workerId = await client.startWorker();
    await lock(datasetId, workerId, scheduledId);
    const { id: runId } = await world.call('create_docker_run', {
      body: { dockerVersion: '3', scheduledId },
    });
    const path = { datasetId, scheduledId };
    expect(await world.refused('cancel_scheduled_docker_run_state_by_id', { path })).toMatchObject(REFUSED);
    clock.ahead += 5 * MINUTE;
    await world.call('cancel_scheduled_docker_run_state_by_id', { path });
    expect(await client.listed(datasetId)).toEqual([[next, 'OPEN']]);
    expect(await world.call('get_docker_run_by_id', { path: { runId } })).toMatchObject({ state: 'ABORTED' });
    await lock(datasetId, workerId, next);
  });
});

describe('the built-in worker', () => {
  const stateOf = async (datasetId: string, scheduledId: string) =>
    (await client.listed(datasetId, { states: ['OPEN', 'DONE', 'CANCELED'] })).find(
      ([id]) => id === scheduledId,
    )?.[1];

  test('takes a run whatever labels it asks for, where no worker has them', async () => {
    await client.startWorker(['other']);
    const datasetId = await client.newDataset();
    const scheduledId = await client.schedule(datasetId, { runsOn: ['no such label'] });
    await builtIn.deliver({ datasetId, scheduledId });
    expect(await stateOf(datasetId, scheduledId)).toBe('DONE');
  });

  test('leaves a run to a worker that has its labels, as long as that one is at work', async () => {
    const label = newName('label');
    const workerId = await client.startWorker([label]);
    const datasetId = await client.newDataset();
    const [labelled, plain] = [
      await client.schedule(datasetId, { runsOn: [label] }),
      await client.schedule(datasetId),
    ];
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
      const label = newName('label');
      const workerId = await client.startWorker([label]);
      await world.call('update_docker_worker_registry_entry_by_id', { path: { workerId }, body: { state } });
      const datasetId = await client.newDataset();
      const scheduledId = await client.schedule(datasetId, { runsOn: [label] });
      await builtIn.deliver({ datasetId, scheduledId });
      expect(await stateOf(datasetId, scheduledId)).toBe('DONE');
    },
  );

  test('takes what asks for the labels of a worker that may not use the dataset', async () => {
    const label = newName('label');
    const { token } = await client.member();
    await client.startWorker([label], token);
    const datasetId = await client.newDataset();
    const scheduledId = await client.schedule(datasetId, { runsOn: [label] });
    await builtIn.deliver({ datasetId, scheduledId });
    expect(await stateOf(datasetId, scheduledId)).toBe('DONE');
  });
});
