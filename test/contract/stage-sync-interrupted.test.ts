import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { RetryableError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { newObjectId } from '#contracts/schema';
import { datasourceOf } from '#platform/datasources/datasources';
import { placeDigestOf } from '#platform/syncs/place-digest';
import { syncDataset } from '../../functions/sync/sync-dataset.ts';
import type { SyncDeps } from '../../functions/sync/sync-deps.ts';
import { dyingAfter, ProcessDied } from '../support/dying-process.ts';
import type { GeneratedObject } from '../support/listing-server.ts';
import { ENOUGH_TIME, type SyncWorld, someObjects, startSyncWorld } from '../support/sync-world.ts';

let world: SyncWorld;
beforeAll(async () => {
  world = await startSyncWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.syncQueue.take();
  world.ingestQueue.take();
  world.listing.failWith(() => undefined);
});

const syncOf = ({ id }: Dataset) => world.deps.syncs.get(id);
/** Notes after each chunk where it has come to. */
const OFTEN = { youngestObjectMs: 0, saveEveryMs: 0, mostBacklog: 1_000 };
const run = (dataset: Dataset, deps: SyncDeps, timeIsUp = ENOUGH_TIME) =>
  syncDataset({ datasetId: dataset.id, work: 'compare' }, timeIsUp, deps);

/** Objects of which the registry lacks some, knows some as others, and has some that are no more. */
async function differing(count: number): Promise<{ dataset: Dataset; objects: GeneratedObject[] }> {
  const dataset = await world.newDataset();
  const objects = someObjects(count);
  const registered = objects.filter((_, index) => index % 97 !== 0);
  await world.know(
    dataset,
    registered.map((object, index) => (index % 89 === 0 ? { ...object, eTag: 'earlier' } : object)),
  );
  await world.know(dataset, [{ ...objects[0]!, name: 'folder-3/gone.jpg' }]);
  world.hold(objects);
  const datasource = datasourceOf(dataset, await world.deps.datasources.get(dataset.id), 'INPUT');
  // As an earlier listing was divided: to find that out takes longer than what is tested.
  const bounds = Array.from({ length: 7 }, (_, folder) => [
    `folder-${folder}/image-0000600`,
    `folder-${folder}/z`,
  ]);
  const ranges = bounds.flat().map((until, index, all) => ({
    ...(index > 0 && { after: all[index - 1]! }),
    ...(index < all.length - 1 && { until }),
  }));
  const known = { placeDigest: placeDigestOf(datasource), ranges, chunks: [] };
  await world.deps.memory.keepKnown(dataset.id, known, undefined);
  return { dataset, objects };
}

/** The sync is over, and the registry has what is listed and nothing else. */
async function expectInOrder(dataset: Dataset, objects: readonly GeneratedObject[]): Promise<void> {
  expect((await syncOf(dataset))?.state).toBe('DONE');
  const registered = [...(await world.registered(dataset)).values()].filter(
    ({ state }) => state !== 'deleted',
  );
  expect(registered.map(({ fileName, eTag }) => `${fileName} ${eTag}`).toSorted()).toEqual(
    objects.map(({ name, eTag }) => `${name} ${eTag}`).toSorted(),
  );
}

describe('a process that dies', () => {
  test('at any call: the next one goes on, and the outcome is the same', async () => {
    const { dataset, objects } = await differing(1_200);
    let calls = 3;
    let deaths = 0;
    for (; deaths < 60; deaths++) {
      const { deps, died } = dyingAfter({ ...world.deps, limits: OFTEN }, calls);
      const end = await run(dataset, deps).catch((error: unknown) => error);
      await world.ingest((name) => name !== 'folder-3/gone.jpg');
      // What the dead process has leased is free in time.
      world.clock.now += 5 * 60_000;
      if (!died()) {
        expect(end).toBeUndefined();
        break;
      }
      expect(end).toBeInstanceOf(ProcessDied);
      // Each process lives a little longer than the one before.
      calls += 12;
    }
    expect(deaths).toBeGreaterThan(3);
    await expectInOrder(dataset, objects);
    await run(dataset, world.deps);
    expect(await world.ingest()).toEqual([]);
  });

  test('is noticed by nobody who comes while it may still live', async () => {
    const { dataset } = await differing(100);
    const { deps } = dyingAfter({ ...world.deps, limits: OFTEN }, 8);
    await expect(run(dataset, deps)).rejects.toBeInstanceOf(ProcessDied);
    const before = await syncOf(dataset);
    await run(dataset, world.deps);
    expect(await syncOf(dataset)).toEqual(before);
    world.clock.now += 2 * 60_000;
    await run(dataset, world.deps);
    expect((await syncOf(dataset))?.state).toBe('DONE');
    await world.ingest();
  });
});

test('a function whose time is up: a message goes on, and nothing is listed twice', async () => {
  const { dataset, objects } = await differing(1_200);
  const before = world.listing.requests.list;
  let invocations = 0;
  let begin = before;
  const timeIsUp = () => world.listing.requests.list > begin;
  await run(dataset, { ...world.deps, limits: OFTEN }, timeIsUp);
  for (let [next] = world.syncQueue.take(); next; [next] = world.syncQueue.take()) {
    invocations += 1;
    begin = world.listing.requests.list;
    expect(next).toEqual({ message: { datasetId: dataset.id, work: 'compare' }, delaySeconds: 0 });
    await syncDataset(next.message, timeIsUp, { ...world.deps, limits: OFTEN });
  }
  expect(invocations).toBeGreaterThan(0);
  const { counts } = (await syncOf(dataset))!;
  expect(counts.listed).toBe(objects.length);
  expect(counts.requests).toBe(world.listing.requests.list - before);
  await world.ingest((name) => name !== 'folder-3/gone.jpg');
  await expectInOrder(dataset, objects);
});

test('two at once: one of them does the work', async () => {
  const { dataset, objects } = await differing(500);
  await Promise.all([run(dataset, world.deps), run(dataset, world.deps), run(dataset, world.deps)]);
  const keys = (await world.ingest((name) => name !== 'folder-3/gone.jpg')).map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  await expectInOrder(dataset, objects);
});

describe('a store that is overloaded', () => {
  test('from the beginning: the message comes back', async () => {
    const { dataset } = await differing(10);
    world.listing.failWith(() => 'slow-down');
    await expect(run(dataset, world.deps)).rejects.toBeInstanceOf(RetryableError);
    world.listing.failWith(() => undefined);
    expect(await syncOf(dataset)).toMatchObject({ state: 'RUNNING' });
    await run(dataset, world.deps);
    expect((await syncOf(dataset))?.state).toBe('DONE');
    await world.ingest();
  });

  test('now and then: it goes on where it was, with messages that do not count as failures', async () => {
    const { dataset, objects } = await differing(1_200);
    world.syncQueue.take();
    let requests = 0;
    world.listing.failWith(({ limit }) => (limit > 1 && ++requests % 4 === 0 ? 'slow-down' : undefined));
    let message = { datasetId: dataset.id, work: 'compare' } as const;
    let failures = 0;
    for (let goesOn = true; goesOn; ) {
      await syncDataset(message, ENOUGH_TIME, { ...world.deps, limits: OFTEN }).catch((error: unknown) => {
        expect(error).toBeInstanceOf(RetryableError);
        failures += 1;
      });
      const [next] = world.syncQueue.take();
      goesOn = (await syncOf(dataset))?.state === 'RUNNING';
      if (next) message = next.message as typeof message;
    }
    world.listing.failWith(() => undefined);
    // Only what had listed nothing came back by itself.
    expect(failures).toBeLessThan(requests / 4);
    await world.ingest((name) => name !== 'folder-3/gone.jpg');
    await expectInOrder(dataset, objects);
  });
});

describe('a datasource that refuses', () => {
  test('ends the sync with what to do; once it is put right, it goes on', async () => {
    const { dataset, objects } = await differing(50);
    world.listing.failWith(() => 'denied');
    await run(dataset, world.deps);
    world.listing.failWith(() => undefined);
    const failed = await syncOf(dataset);
    expect(failed).toMatchObject({ state: 'FAILED', error: expect.stringContaining('s3:ListBucket') });
    expect(failed?.leaseUntil).toBeUndefined();
    const state = await world.deps.states.get(dataset.id);
    expect(state?.problem).toMatchObject({ code: 'DENIED', scope: 'datasource', use: 'INPUT' });
    await run(dataset, world.deps);
    const again = await syncOf(dataset);
    expect({ state: again?.state, error: again?.error, id: again?.id }).toEqual({
      state: 'DONE',
      id: failed?.id,
    });
    await world.ingest((name) => name !== 'folder-3/gone.jpg');
    await expectInOrder(dataset, objects);
  });
});

test('what a datasource has refused is not held against one that was set meanwhile', async () => {
  const { dataset } = await differing(50);
  const { datasources, states } = world.deps;
  const stored = (await datasources.get(dataset.id))!;
  const other = stored.configs.map((config) => ({ ...config, s3AccessKeyId: 'ANOTHER' }));
  world.listing.failWith(() => 'denied');
  const ingestBacklog = async () => {
    await datasources.replace({ ...stored, version: 2, configs: other as typeof stored.configs });
    return 0;
  };
  await run(dataset, { ...world.deps, ingestBacklog });
  world.listing.failWith(() => undefined);
  expect((await datasources.get(dataset.id))?.version).toBe(2);
  expect((await states.get(dataset.id))?.problem).toBeUndefined();
  expect((await syncOf(dataset))?.state).toBe('RUNNING');
  expect((await syncOf(dataset))?.leaseUntil).toBeUndefined();
  expect(world.syncQueue.take()).toHaveLength(1);
});

describe('while it is under way', () => {
  /** Something happens before the second page. */
  const interrupted = async (
    dataset: Dataset,
    happens: () => Promise<unknown>,
    changes: Partial<SyncDeps> = {},
  ) => {
    let asked = 0;
    const ingestBacklog = async () => {
      asked += 1;
      if (asked === 2) await happens();
      return 0;
    };
    await run(dataset, { ...world.deps, limits: OFTEN, ingestBacklog, ...changes });
  };

  test('the dataset is deleted: it ends', async () => {
    const { dataset } = await differing(1_200);
    await interrupted(dataset, () => world.deps.datasets.markDeleted(dataset.id, 1, { evenIfLocked: true }));
    expect((await syncOf(dataset))?.counts.listed ?? 0).toBeLessThan(1_200);
    expect(world.syncQueue.take()).toEqual([]);
    world.ingestQueue.take();
  });

  test('the dataset is paused: it rests, and goes on when somebody resumes it', async () => {
    const { dataset, objects } = await differing(1_200);
    await interrupted(dataset, () => world.deps.datasets.pause(dataset.id, 1));
    expect(await syncOf(dataset)).toMatchObject({ state: 'RUNNING' });
    expect(world.syncQueue.take()).toEqual([]);
    await world.deps.datasets.resume(dataset.id);
    await run(dataset, world.deps);
    await world.ingest((name) => name !== 'folder-3/gone.jpg');
    await expectInOrder(dataset, objects);
  });

  test('the datasource becomes another one: it begins anew, there', async () => {
    const { dataset } = await differing(1_200);
    await interrupted(dataset, async () => {
      const stored = (await world.deps.datasources.get(dataset.id))!;
      const configs = stored.configs.map((config) => ({ ...config, fullPath: 's3://elsewhere' }));
      await world.deps.datasources.replace({ ...stored, version: 2, configs });
    });
    const [next] = world.syncQueue.take();
    expect(next?.message).toEqual({ datasetId: dataset.id, work: 'compare' });
    const before = await syncOf(dataset);
    world.ingestQueue.take();
    await run(dataset, world.deps);
    const after = await syncOf(dataset);
    expect(after?.id).not.toBe(before?.id);
    expect(after?.counts).toMatchObject({ listed: 1_200, gone: 1 });
    world.ingestQueue.take();
  });

  test('ingest is behind: it waits', async () => {
    const { dataset } = await differing(100);
    await run(dataset, { ...world.deps, ingestBacklog: async () => 1_001 });
    expect(world.syncQueue.take()).toEqual([
      { message: { datasetId: dataset.id, work: 'compare' }, delaySeconds: 60 },
    ]);
    expect(world.ingestQueue.take()).toEqual([]);
    await run(dataset, world.deps);
    expect((await syncOf(dataset))?.state).toBe('DONE');
    world.ingestQueue.take();
  });
});

test('a replay while a compare is under way comes later; a thorough compare too', async () => {
  const { dataset } = await differing(10);
  const { deps } = dyingAfter({ ...world.deps, limits: OFTEN }, 8);
  await expect(run(dataset, deps)).rejects.toBeInstanceOf(ProcessDied);
  world.syncQueue.take();
  world.ingestQueue.take();
  const replay = { datasetId: dataset.id, work: 'replay', id: newObjectId(1), scope: {} } as const;
  await syncDataset(replay, ENOUGH_TIME, world.deps);
  const asked = { thorough: true, askedAt: world.clock.now + 1 };
  const thorough = { datasetId: dataset.id, work: 'compare', ...asked } as const;
  await syncDataset(thorough, ENOUGH_TIME, world.deps);
  expect(world.syncQueue.take()).toEqual([
    { message: replay, delaySeconds: 60 },
    { message: thorough, delaySeconds: 60 },
  ]);
});
