import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { RetryableError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { newObjectId } from '#contracts/schema';
import type { SyncMessage } from '#contracts/syncs';
import { goOn } from '#platform/syncs/go-on';
import { syncDataset } from '../../functions/sync/sync-dataset.ts';
import type { SyncDeps } from '../../functions/sync/sync-deps.ts';
import { anObject, ENOUGH_TIME, type SyncWorld, someObjects, startSyncWorld } from '../support/sync-world.ts';

let world: SyncWorld;
beforeAll(async () => {
  world = await startSyncWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.listing.failWith(() => undefined);
  world.ingestQueue.take();
  world.syncQueue.take();
});

const syncOf = ({ id }: Dataset) => world.deps.syncs.get(id);
const carryOut = (message: SyncMessage, changes: Partial<SyncDeps> = {}) =>
  syncDataset(message, ENOUGH_TIME, { ...world.deps, ...changes });
/** What is asked for later is carried out, at its time, until nothing is left. */
const carryOutLater = async () => {
  for (let [next, ...rest] = world.syncQueue.take(); next; [next, ...rest] = world.syncQueue.take()) {
    world.clock.now += next.delaySeconds * 1000;
    await carryOut(next.message);
    await Promise.all(
      rest.map(({ message, delaySeconds }) => world.syncQueue.send(message, { delaySeconds })),
    );
  }
};
const replayOf = (
  { id: datasetId }: Dataset,
  prefix?: string,
): SyncMessage & { readonly work: 'replay' } => ({
  ...{ datasetId, work: 'replay', id: newObjectId(world.clock.now) },
  scope: prefix === undefined ? {} : { prefix },
});
const sentKeys = () => world.ingestQueue.take().map(({ message }) => message.event.key);

/** A replay whose role is deleted after some pages. @returns names that were read again by then */
async function refusedReplay(dataset: Dataset, count: number) {
  world.hold(someObjects(count));
  const replay = replayOf(dataset);
  let pages = 0;
  world.listing.failWith(({ limit }) => (limit > 1 && ++pages > 6 ? 'denied' : undefined));
  await carryOut(replay, { limits: { youngestObjectMs: 0, saveEveryMs: 0, mostBacklog: 1_000 } });
  expect(await syncOf(dataset)).toMatchObject({ kind: 'replay', id: replay.id, state: 'FAILED' });
  world.listing.failWith(() => undefined);
  return { replay, read: sentKeys() };
}

const changeRole = async ({ id }: Dataset) => {
  const stored = (await world.deps.datasources.get(id))!;
  const configs = stored.configs.map((config) => ({ ...config, s3AccessKeyId: 'ANOTHER' }));
  await world.deps.datasources.replace({ ...stored, version: stored.version + 1, configs } as typeof stored);
};

test('whose role was deleted goes on with another role, reads nothing twice, and then everything is compared', async () => {
  const dataset = await world.newDataset();
  const { replay, read } = await refusedReplay(dataset, 1_100);
  expect(read.length).toBeGreaterThan(0);
  expect(read.length).toBeLessThan(1_100);
  await changeRole(dataset);
  const thorough = { datasetId: dataset.id, work: 'compare', thorough: true } as const;
  world.clock.now += 60_000;
  await carryOut(thorough);
  expect(await syncOf(dataset)).toMatchObject({ kind: 'replay', id: replay.id, state: 'DONE' });
  const all = [...read, ...sentKeys()];
  expect([all.length, new Set(all).size]).toEqual([1_100, 1_100]);
  expect(world.syncQueue.take()).toEqual([{ message: thorough, delaySeconds: 10 }]);
  await carryOut(thorough);
  expect(await syncOf(dataset)).toMatchObject({ kind: 'compare', thorough: true, state: 'DONE' });
  expect((await syncOf(dataset))?.endedReplays).toEqual([{ id: replay.id, outcome: 'done' }]);
});

test('that a pause has stopped goes on where it was when that ends; what was asked for meanwhile is done then', async () => {
  const dataset = await world.newDataset();
  world.hold(someObjects(1_100));
  const replay = replayOf(dataset);
  let calls = 0;
  const ingestBacklog = async () => {
    calls += 1;
    if (calls === 3) await world.deps.datasets.pause(dataset.id, 1);
    return 0;
  };
  await carryOut(replay, {
    ingestBacklog,
    limits: { youngestObjectMs: 0, saveEveryMs: 0, mostBacklog: 1_000 },
  });
  expect(await syncOf(dataset)).toMatchObject({ kind: 'replay', state: 'RUNNING' });
  const asked = { datasetId: dataset.id, work: 'compare', askedAt: world.clock.now + 1 } as const;
  await carryOut(asked);
  await world.deps.datasets.resume(dataset.id);
  await goOn({ id: dataset.id }, world.deps);
  await carryOutLater();
  const all = sentKeys();
  expect(new Set(all).size).toBe(1_100);
  expect((await syncOf(dataset))?.endedReplays).toEqual([{ id: replay.id, outcome: 'done' }]);
  expect((await syncOf(dataset))?.last?.startedAt).toBeGreaterThanOrEqual(asked.askedAt);
});

test('is not lost to another one, nor that one to it', async () => {
  const dataset = await world.newDataset();
  const { replay } = await refusedReplay(dataset, 1_100);
  const another = replayOf(dataset, 'folder-1/image-00000');
  await carryOut(another);
  await carryOutLater();
  expect((await syncOf(dataset))?.endedReplays?.map(({ id }) => id)).toEqual([replay.id, another.id]);
});

test('that is refused still is tried again now and then, and no message is lost nor comes too often', async () => {
  const dataset = await world.newDataset();
  const { replay } = await refusedReplay(dataset, 1_100);
  world.listing.failWith(() => 'denied');
  const asked = { datasetId: dataset.id, work: 'compare', askedAt: world.clock.now } as const;
  await carryOut(asked);
  // Reconcile's comes every few minutes anyway.
  await carryOut({ datasetId: dataset.id, work: 'compare' });
  expect(world.syncQueue.take()).toEqual([{ message: asked, delaySeconds: 15 * 60 }]);
  expect(await syncOf(dataset)).toMatchObject({ kind: 'replay', id: replay.id, state: 'FAILED' });
});

test('while a service fails for now: what was asked for after it comes back by itself, and is not sent besides', async () => {
  const dataset = await world.newDataset();
  const { replay } = await refusedReplay(dataset, 1_100);
  const failing = async () => Promise.reject(new RetryableError('SERVICE_UNAVAILABLE', 'Not now.'));
  const asked = { datasetId: dataset.id, work: 'compare', askedAt: world.clock.now } as const;
  for (let receives = 0; receives < 3; receives++) {
    await expect(carryOut(asked, { ingestBacklog: failing })).rejects.toThrow('Not now.');
    expect(world.syncQueue.take()).toEqual([]);
  }
  await carryOut(asked);
  expect(await syncOf(dataset)).toMatchObject({ id: replay.id, state: 'DONE' });
  expect(world.syncQueue.take()).toEqual([{ message: asked, delaySeconds: 10 }]);
});

test('a clock that is behind the one of who asks leads to one compare more, and not to many', async () => {
  const dataset = await world.newDataset();
  world.hold([anObject('a.jpg')]);
  await carryOut({ datasetId: dataset.id, work: 'compare', askedAt: world.clock.now + 5_000 });
  let compares = 1;
  for (let [next] = world.syncQueue.take(); next; [next] = world.syncQueue.take()) {
    world.clock.now += next.delaySeconds * 1000;
    compares += 1;
    await carryOut(next.message);
  }
  expect(compares).toBe(2);
  world.ingestQueue.take();
});

test('reads nothing again where its message comes again hours later, after other syncs', async () => {
  const dataset = await world.newDataset();
  world.hold([anObject('a.jpg'), anObject('b.jpg')]);
  await world.compare(dataset);
  await world.ingest();
  const replay = replayOf(dataset);
  await carryOut(replay);
  expect(sentKeys()).toHaveLength(2);
  world.clock.now += 90 * 60_000;
  await world.compare(dataset);
  await carryOut(replayOf(dataset, 'b'));
  await world.compare(dataset);
  world.ingestQueue.take();
  const before = await syncOf(dataset);
  await carryOut(replay);
  expect(sentKeys()).toEqual([]);
  expect(await syncOf(dataset)).toEqual(before);
});

test('a compare that was asked for while another one was under way begins when that has ended', async () => {
  const dataset = await world.newDataset();
  world.hold(someObjects(1_200));
  const { startedAt, asked } = await new Promise<{
    startedAt: number;
    asked: SyncMessage & { work: 'compare'; askedAt: number };
  }>((resolve, reject) => {
    let calls = 0;
    // Somebody asks while pages are read.
    const ingestBacklog = async () => {
      calls += 1;
      if (calls === 2) {
        world.clock.now += 1_000;
        const message = { datasetId: dataset.id, work: 'compare', askedAt: world.clock.now } as const;
        await carryOut(message);
        resolve({ startedAt: (await syncOf(dataset))!.startedAt, asked: message });
      }
      return 0;
    };
    const limits = { youngestObjectMs: 0, saveEveryMs: 0, mostBacklog: 1_000 };
    carryOut({ datasetId: dataset.id, work: 'compare' }, { ingestBacklog, limits }).catch(reject);
  });
  expect(startedAt).toBeLessThan(asked.askedAt);
  while ((await syncOf(dataset))?.state !== 'DONE') await new Promise((resolve) => setTimeout(resolve, 20));
  expect((await syncOf(dataset))?.last?.startedAt).toBe(startedAt);
  await carryOutLater();
  expect((await syncOf(dataset))?.last?.startedAt).toBeGreaterThanOrEqual(asked.askedAt);
  const { id } = (await syncOf(dataset))!;
  // One has begun since: there is nothing to do for those who asked before.
  await carryOut({ ...asked, askedAt: asked.askedAt + 1 });
  expect((await syncOf(dataset))?.id).toBe(id);
});
