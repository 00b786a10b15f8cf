import type { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { datasetContents } from '#aws/dataset-contents';
import { putItem } from '#aws/table';
import { datasetPartitions } from '#contracts/dataset-partitions';
import type { Dataset } from '#contracts/items';
import type { JobMessage, JobOf } from '#contracts/jobs';
import { carryOutDeletion, LATE_WRITES_MS } from '#platform/datasets/delete-dataset';
import { carryOutJob } from '../../functions/job/carry-out-job.ts';
import { repairForgottenDeletions } from '../../functions/reconcile/forgotten-deletions.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { failingAtCall, Killed } from '../support/failing-at-call.ts';
import { filledDataset, traces } from '../support/filled-dataset.ts';
import { type RecordedQueue, recordedQueue } from '../support/recorded-queue.ts';
import { recordedTelemetry } from '../support/recorded-telemetry.ts';

const clock = { now: 1_700_000_000_000 };
const NO_LIMIT = () => false;

let world: ApiWorld;
let jobQueue: RecordedQueue<JobMessage>;
beforeAll(async () => {
  world = await startApiWorld({ now: () => clock.now });
});
afterAll(() => world.stop());
beforeEach(() => {
  jobQueue = recordedQueue();
});

const remove = (dataset: Dataset, query: object = {}) =>
  world.call('delete_dataset_by_id', { path: { datasetId: dataset.id }, query });
const deletionDeps = () => ({
  datasets: world.deps.datasets,
  contents: world.deps.datasetContents,
  jobQueue,
  now: () => clock.now,
});
const deletionJob = async (dataset: Dataset) => {
  for await (const job of world.deps.jobs.listForUser(dataset.userId))
    if (job.datasetId === dataset.id && job.kind === 'DELETE_DATASET') return job;
  throw new Error('no job');
};

/** Marked as deleted so long ago that its job is the last one. */
async function deletedDataset() {
  const { dataset } = await filledDataset(world);
  await remove(dataset);
  clock.now += LATE_WRITES_MS;
  return { dataset, job: await deletionJob(dataset) };
}
const untilKilled = (work: Promise<unknown>) =>
  work.catch((error: unknown) => {
    if (!(error instanceof Killed)) throw error;
  });
/** @param fatal the request to the table, from 1, that is sent no more, nor any later one */
function contentsThatDieAt(fatal: number) {
  let sent = 0;
  const send = async (command: ScanCommand) => {
    sent += 1;
    if (sent >= fatal) throw new Killed(`at request ${fatal}`);
    return world.table.client.send(command);
  };
  const client = { send } as unknown as typeof world.table.client;
  const { objects, buckets } = world.deps;
  const contents = datasetContents({ ...world.table, client }, objects, buckets.platform);
  return { contents, sent: () => sent };
}

describe('a dataset that is deleted', () => {
  test('is gone at once for everybody, and its name is free', async () => {
    const { dataset, name } = await filledDataset(world);
    await remove(dataset);
    const path = { datasetId: dataset.id };
    for (const id of ['get_dataset_by_id', 'delete_dataset_by_id'] as const) {
      expect(await world.refused(id, { path })).toMatchObject({
        status: 404,
        error: { code: 'DATASET_UNKNOWN' },
      });
    }
    const listed = await world.call('get_datasets', {});
    expect(listed.map(({ id }) => id)).not.toContain(dataset.id);
    const team = await world.call('get_datasets', { query: { getAssetsOfTeamInclusiveSelf: true } });
    expect(team.map(({ id }) => id)).not.toContain(dataset.id);
    expect((await world.call('create_dataset', { body: { name } })).id).not.toBe(dataset.id);
  });

  test('leaves nothing behind once its job is done, and takes nothing of others along', async () => {
    const [{ dataset }, other] = [await filledDataset(world), await filledDataset(world)];
    const before = await traces(world, other.dataset.id);
    await remove(dataset);
    const job = await deletionJob(dataset);
    expect(await carryOutDeletion(job, NO_LIMIT, deletionDeps())).toBeUndefined();
    clock.now += LATE_WRITES_MS;
    expect(await carryOutDeletion(job, NO_LIMIT, deletionDeps())).toEqual({});
    expect(await traces(world, dataset.id)).toEqual([]);
    expect(await traces(world, other.dataset.id)).toEqual(before);
  });

  test('is looked at again when nobody can write any more, and only then is gone', async () => {
    const { dataset } = await filledDataset(world);
    await remove(dataset);
    const job = await deletionJob(dataset);
    await carryOutDeletion(job, NO_LIMIT, deletionDeps());
    expect(jobQueue.take()).toEqual([{ message: { jobId: job.id }, delaySeconds: 900 }]);
    const [late = ''] = datasetPartitions(dataset.id);
    await putItem(world.table, { pk: late, sk: 'written late' });
    clock.now += 900_000;
    await carryOutDeletion(job, NO_LIMIT, deletionDeps());
    expect(jobQueue.take()).toEqual([{ message: { jobId: job.id }, delaySeconds: 300 }]);
    expect((await world.deps.datasets.get(dataset.id))?.deletedAt).toBeDefined();
    clock.now += 300_000;
    expect(await carryOutDeletion(job, NO_LIMIT, deletionDeps())).toEqual({});
    expect(await traces(world, dataset.id)).toEqual([]);
  });

  test('that takes longer than an invocation goes on with the next', async () => {
    const { dataset } = await filledDataset(world);
    await remove(dataset);
    const job = await deletionJob(dataset);
    let rounds = 0;
    clock.now += LATE_WRITES_MS;
    while ((await carryOutDeletion(job, () => true, deletionDeps())) === undefined) {
      expect(jobQueue.take()).toEqual([{ message: { jobId: job.id }, delaySeconds: 0 }]);
      rounds += 1;
      if (rounds > 500) break;
    }
    expect(rounds).toBeGreaterThan(10);
    expect(await traces(world, dataset.id)).toEqual([]);
  }, 60_000);

  test('leaves nothing behind wherever its job was killed', async () => {
    const ports = ['datasets', 'jobQueue', 'contents'] as const;
    for (let fatal = 1; fatal < 8; fatal++) {
      const { dataset, job } = await deletedDataset();
      const { deps } = failingAtCall(deletionDeps(), ports, fatal);
      await untilKilled(carryOutDeletion(job, NO_LIMIT, deps));
      await carryOutDeletion(job, NO_LIMIT, deletionDeps());
      expect(await traces(world, dataset.id)).toEqual([]);
    }
  }, 60_000);

  test('leaves nothing behind wherever between two requests to the table its job was killed', async () => {
    const requests: number[] = [];
    for (let fatal = 1; fatal < 200; fatal += 17) {
      const { dataset, job } = await deletedDataset();
      const { contents, sent } = contentsThatDieAt(fatal);
      await untilKilled(carryOutDeletion(job, NO_LIMIT, { ...deletionDeps(), contents }));
      await carryOutDeletion(job, NO_LIMIT, deletionDeps());
      expect(await traces(world, dataset.id)).toEqual([]);
      requests.push(sent());
      if (sent() < fatal) break;
    }
    expect(requests.length).toBeGreaterThan(3);
  }, 60_000);

  test('starts one job however often it is asked for at the same moment', async () => {
    const { dataset } = await filledDataset(world);
    const path = { datasetId: dataset.id };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => world.send('delete_dataset_by_id', { path })),
    );
    const statuses = new Set(answers.map(({ status }) => status));
    expect([...statuses].every((status) => status === 200 || status === 404)).toBe(true);
    const jobs = await world.call('get_jobs', {});
    expect(jobs.filter(({ datasetId }) => datasetId === dataset.id)).toHaveLength(1);
  });

  test('ends its job as FINISHED, which can be followed', async () => {
    const { dataset } = await filledDataset(world);
    await remove(dataset);
    const { id: jobId } = await deletionJob(dataset);
    const status = async () => (await world.call('get_job_status_by_id', { path: { jobId } })).status;
    const deps = {
      ...{ jobs: world.deps.jobs, telemetry: recordedTelemetry(), now: () => clock.now },
      kinds: {
        DELETE_DATASET: (job: JobOf<'DELETE_DATASET'>, timeIsUp: () => boolean) =>
          carryOutDeletion(job, timeIsUp, deletionDeps()),
        SAMPLING: async () => undefined,
        EMBEDDINGS2D: async () => undefined,
      },
    };
    expect(await status()).toBe('WAITING');
    await carryOutJob({ jobId }, NO_LIMIT, deps);
    expect(await status()).toBe('RUNNING');
    clock.now += LATE_WRITES_MS;
    await carryOutJob({ jobId }, NO_LIMIT, deps);
    expect(await status()).toBe('FINISHED');
  });
});

describe('deleting', () => {
  test('is refused while a run is at work on the dataset, unless it is forced', async () => {
    const { dataset, scheduledId } = await filledDataset(world);
    await world.deps.datasets.lock(dataset.id, scheduledId);
    const path = { datasetId: dataset.id };
    expect(await world.refused('delete_dataset_by_id', { path })).toMatchObject({
      status: 409,
      error: { code: 'ILLEGAL_ACTION_RESOURCE_IN_USE', error: expect.stringContaining('force=true') },
    });
    expect(await world.call('get_dataset_by_id', { path })).toMatchObject({ id: dataset.id });
    await world.deps.datasets.unlock(dataset.id, scheduledId);
    await remove(dataset);
    expect((await world.refused('get_dataset_by_id', { path })).status).toBe(404);
  });

  test('is for the owner: whom the dataset is shared with may not', async () => {
    const { dataset } = await filledDataset(world);
    const ada = await world.addUser('ada@example.org');
    const path = { datasetId: dataset.id };
    const body = { accessType: 'WRITE' as const, users: [ada.user.email] };
    await world.call('create_or_update_shared_access_config_by_dataset_id', { path, body });
    const refusal = await world.refused('delete_dataset_by_id', { path, token: ada.token });
    expect(refusal).toMatchObject({ status: 403, error: { code: 'FORBIDDEN' } });
  });

  test('that was stopped before its job began is taken up by reconcile', async () => {
    const { dataset } = await filledDataset(world);
    await world.deps.datasets.markDeleted(dataset.id, clock.now, { evenIfLocked: false });
    const deps = { ...world.deps, jobQueue, telemetry: recordedTelemetry(), now: () => clock.now };
    const repair = () =>
      repairForgottenDeletions(
        { isLong: false, leftMs: () => 15 * 60_000 },
        deps as unknown as Parameters<typeof repairForgottenDeletions>[1],
      );
    const reminded = async () => {
      await repair();
      return jobQueue.take().map(({ message }) => message.jobId);
    };
    const early = await reminded();
    clock.now += LATE_WRITES_MS + 60 * 60_000;
    const late = await reminded();
    const job = await deletionJob(dataset);
    expect(early).not.toContain(job.id);
    expect(late).toContain(job.id);
    await carryOutDeletion(job, NO_LIMIT, deletionDeps());
    expect(await traces(world, dataset.id)).toEqual([]);
  });
});
