import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Dataset } from '#contracts/items';
import { newObjectId } from '#contracts/schema';
import type { ReplayScope } from '#contracts/syncs';
import { syncDataset } from '../../functions/sync/sync-dataset.ts';
import { anObject, ENOUGH_TIME, type SyncWorld, someObjects, startSyncWorld } from '../support/sync-world.ts';

let world: SyncWorld;
beforeAll(async () => {
  world = await startSyncWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.ingestQueue.take();
  world.syncQueue.take();
});

const sentKeys = () => world.ingestQueue.take().map(({ message }) => message.event.key);

describe('a replay', () => {
  const replay = ({ id: datasetId }: Dataset, scope: ReplayScope, id = newObjectId(world.clock.now)) =>
    syncDataset({ datasetId, work: 'replay', id, scope }, ENOUGH_TIME, world.deps);

  test('has everything in scope looked at once more, and nothing else', async () => {
    const dataset = await world.newDataset();
    const objects = ['a/1.jpg', 'a/2.jpg', 'a/notes.txt', 'b/1.jpg'].map((name, index) =>
      anObject(name, { lastModified: 1_600_000_000_000 + index }),
    );
    world.hold(objects);
    await world.know(dataset, objects);
    await replay(dataset, {});
    expect(sentKeys().toSorted()).toEqual(['a/1.jpg', 'a/2.jpg', 'b/1.jpg']);
    await replay(dataset, { prefix: 'a/' });
    const events = world.ingestQueue.take().map(({ message }) => message.event);
    expect(events.map(({ key }) => key)).toEqual(['a/1.jpg', 'a/2.jpg']);
    expect(events[0]).toMatchObject({
      datasetId: dataset.id,
      order: { by: 'observation', again: true, since: world.clock.now },
    });
    await replay(dataset, { from: 1_600_000_000_001, to: 1_600_000_000_002 });
    expect(sentKeys()).toEqual(['a/2.jpg']);
  });

  test('once, however often its message comes; what compares have found stays', async () => {
    const dataset = await world.newDataset();
    world.hold([anObject('a.jpg')]);
    await world.compare(dataset);
    await world.ingest();
    const compared = await world.deps.syncs.get(dataset.id);
    const id = newObjectId(world.clock.now);
    await replay(dataset, {}, id);
    await replay(dataset, {}, id);
    expect(sentKeys()).toEqual(['a.jpg']);
    expect(await world.deps.syncs.get(dataset.id)).toMatchObject({
      ...{ kind: 'replay', state: 'DONE', last: compared?.last, thoroughAt: compared?.thoroughAt },
      firstFinishedAt: compared?.firstFinishedAt,
    });
  });

  test('whose time is up goes on where it was, and sends nothing twice', async () => {
    const dataset = await world.newDataset();
    world.hold(someObjects(1_100));
    let sent = 0;
    const sendAll: typeof world.ingestQueue.sendAll = (messages) => {
      sent += messages.length;
      return world.ingestQueue.sendAll(messages);
    };
    const deps = { ...world.deps, ingestQueue: { ...world.ingestQueue, sendAll } };
    const id = newObjectId(world.clock.now);
    const message = { datasetId: dataset.id, work: 'replay', id, scope: {} } as const;
    await syncDataset(message, () => sent >= 300, deps);
    expect(sent).toBeLessThan(1_100);
    expect(world.syncQueue.take()).toEqual([{ message, delaySeconds: 0 }]);
    await syncDataset(message, ENOUGH_TIME, deps);
    expect(new Set(sentKeys()).size).toBe(1_100);
    expect(sent).toBe(1_100);
    expect((await world.deps.syncs.get(dataset.id))?.state).toBe('DONE');
  });
});

test('a replay that is asked for while its dataset is paused waits for the end of the pause', async () => {
  const dataset = await world.newDataset();
  world.hold([anObject('a.jpg')]);
  await world.deps.datasets.pause(dataset.id, 1);
  const id = newObjectId(world.clock.now);
  await syncDataset({ datasetId: dataset.id, work: 'replay', id, scope: {} }, ENOUGH_TIME, world.deps);
  const waiting = world.syncQueue.take();
  expect(waiting).toMatchObject([{ message: { work: 'replay', id, scope: {} }, delaySeconds: 300 }]);
  await world.deps.datasets.resume(dataset.id);
  for (const { message } of waiting) await syncDataset(message, ENOUGH_TIME, world.deps);
  expect(sentKeys()).toEqual(['a.jpg']);
  expect(await world.deps.syncs.get(dataset.id)).toMatchObject({ id, state: 'DONE' });
});
