import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { RetryableError } from '#contracts/errors';
import type { HeldEvent } from '#contracts/held-events';
import type { Dataset } from '#contracts/items';
import type { SyncMessage } from '#contracts/syncs';
import { syncDataset } from '../../functions/sync/sync-dataset.ts';
import type { SyncDeps } from '../../functions/sync/sync-deps.ts';
import { collect } from '../support/documents.ts';
import { ENOUGH_TIME, type SyncWorld, startSyncWorld } from '../support/sync-world.ts';

let world: SyncWorld;
beforeAll(async () => {
  world = await startSyncWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.ingestQueue.take();
  world.syncQueue.take();
});

describe('events that were held', () => {
  const held = ({ id }: Dataset, fileName: string): HeldEvent => ({
    ...{ datasetId: id, fileName, heldAt: world.clock.now },
    event: {
      ...{ kind: 'created', bucket: 'input-bucket', key: fileName },
      order: { by: 'sequencer', sequencer: '01' },
    },
  });
  const release = ({ id }: Dataset, timeIsUp = ENOUGH_TIME) =>
    syncDataset({ datasetId: id, work: 'release' }, timeIsUp, world.deps);
  const left = async ({ id }: Dataset) => (await collect(world.deps.heldEvents.list(id))).length;

  test('go to ingest, for this dataset and with their own order, and are held no longer', async () => {
    const dataset = await world.newDataset();
    for (const name of ['a.jpg', 'b.jpg']) await world.deps.heldEvents.hold(held(dataset, name));
    await release(dataset);
    const events = world.ingestQueue.take().map(({ message }) => message.event);
    expect(events.map(({ key }) => key).toSorted()).toEqual(['a.jpg', 'b.jpg']);
    for (const event of events)
      expect(event).toMatchObject({ datasetId: dataset.id, order: { sequencer: '01' } });
    expect(await left(dataset)).toBe(0);
    expect(world.deps.telemetry.total('EventsReleased')).toBe(2);
  });

  test('stay while the dataset is paused, and while its datasource refuses everything', async () => {
    const dataset = await world.newDataset();
    await world.deps.heldEvents.hold(held(dataset, 'a.jpg'));
    await world.deps.datasets.pause(dataset.id, 1);
    await release(dataset);
    await world.deps.datasets.resume(dataset.id);
    await world.deps.states.noteProblem(dataset.id, 1, {
      ...{ use: 'INPUT', code: 'ROLE_NOT_ASSUMABLE', scope: 'datasource', action: 'sts:AssumeRole' },
      ...{ resource: 'arn', reason: 'Trust it.', seenAt: 1 },
    });
    await release(dataset);
    expect([world.ingestQueue.take(), await left(dataset)]).toEqual([[], 1]);
  });

  test('one that is held anew while it is released stays', async () => {
    const dataset = await world.newDataset();
    const first = held(dataset, 'a.jpg');
    await world.deps.heldEvents.hold(first);
    const sendAll = async () => {
      const order = { by: 'sequencer', sequencer: '02' } as const;
      const newer = { ...first, heldAt: first.heldAt + 1, event: { ...first.event, order } };
      await world.deps.heldEvents.hold(newer);
    };
    const ingestQueue = { ...world.ingestQueue, sendAll };
    await syncDataset({ datasetId: dataset.id, work: 'release' }, ENOUGH_TIME, {
      ...world.deps,
      ingestQueue,
    });
    expect(await left(dataset)).toBe(1);
  });

  test('a function whose time is up: the rest goes with another message', async () => {
    const dataset = await world.newDataset();
    await world.deps.heldEvents.hold(held(dataset, 'a.jpg'));
    await release(dataset, () => true);
    const [next] = world.syncQueue.take();
    expect(next).toMatchObject({ message: { datasetId: dataset.id, work: 'release' }, delaySeconds: 0 });
    await syncDataset(next!.message, ENOUGH_TIME, world.deps);
    expect([world.ingestQueue.take(), await left(dataset)]).toMatchObject([[{}], 0]);
  });

  test('of files that are refused still: each is sent once, however many messages it takes', async () => {
    const dataset = await world.newDataset();
    const refused = held(dataset, 'a.jpg');
    for (const event of [refused, held(dataset, 'b.jpg')]) await world.deps.heldEvents.hold(event);
    await release(dataset, () => true);
    world.clock.now += 60_000;
    await world.deps.heldEvents.hold({ ...refused, heldAt: world.clock.now });
    for (const timeIsUp of [() => true, ENOUGH_TIME]) {
      const [next] = world.syncQueue.take();
      await syncDataset(next!.message, timeIsUp, world.deps);
    }
    expect(world.ingestQueue.take().map(({ message }) => message.event.key)).toEqual(['b.jpg']);
    expect([world.syncQueue.take(), await left(dataset)]).toEqual([[], 1]);
    // Whoever asks anew has all of them tried.
    await release(dataset);
    expect(await left(dataset)).toBe(0);
  });

  test('a pause that is over before the next message was to come: whoever resumes has them sent', async () => {
    const dataset = await world.newDataset();
    await world.deps.heldEvents.hold(held(dataset, 'a.jpg'));
    await release(dataset, () => true);
    await world.deps.datasets.pause(dataset.id, 1);
    const [next] = world.syncQueue.take();
    await syncDataset(next!.message, ENOUGH_TIME, world.deps);
    await world.deps.datasets.resume(dataset.id);
    await release(dataset);
    expect([world.ingestQueue.take(), await left(dataset)]).toMatchObject([[{}], 0]);
  });

  describe('while ingest is behind', () => {
    /** How many messages ingest has not taken. */
    let backlog: number;
    let behind: SyncDeps;
    beforeEach(() => {
      backlog = world.deps.limits.mostBacklog + 1;
      behind = { ...world.deps, ingestBacklog: async () => backlog };
    });
    const follow = (message: SyncMessage) => syncDataset(message, ENOUGH_TIME, behind);

    test('nothing is sent, and one message goes on with it in a minute, however many ask for it', async () => {
      const dataset = await world.newDataset();
      await world.deps.heldEvents.hold(held(dataset, 'a.jpg'));
      const asked: SyncMessage = { datasetId: dataset.id, work: 'release' };
      let messages: SyncMessage[] = [asked];
      // As many rounds of reconcile, each of which asks once more.
      for (let round = 0; round < 5; round++) {
        for (const message of [...messages, asked]) await follow(message);
        const sent = world.syncQueue.take();
        expect(sent).toMatchObject([{ message: asked, delaySeconds: 60 }]);
        messages = sent.map(({ message }) => message);
        world.clock.now += 60_000;
      }
      expect([world.ingestQueue.take(), await left(dataset)]).toEqual([[], 1]);
      backlog = 0;
      for (const message of [...messages, ...messages]) await follow(message);
      expect([world.ingestQueue.take(), world.syncQueue.take()]).toMatchObject([[{}], []]);
      expect(await left(dataset)).toBe(0);
      expect(await world.deps.states.get(dataset.id)).not.toHaveProperty('releasingUntil');
    });

    test('a message that is lost keeps nobody from going on, minutes later', async () => {
      const dataset = await world.newDataset();
      await world.deps.heldEvents.hold(held(dataset, 'a.jpg'));
      await follow({ datasetId: dataset.id, work: 'release' });
      world.syncQueue.take();
      backlog = 0;
      await follow({ datasetId: dataset.id, work: 'release' });
      expect(await left(dataset)).toBe(1);
      world.clock.now += 4 * 60_000 + 1;
      await follow({ datasetId: dataset.id, work: 'release' });
      expect([world.ingestQueue.take(), await left(dataset)]).toMatchObject([[{}], 0]);
    });
  });

  test('a process that fails leaves the rest to whoever comes next', async () => {
    const dataset = await world.newDataset();
    await world.deps.heldEvents.hold(held(dataset, 'a.jpg'));
    const sendAll = async () => Promise.reject(new RetryableError('SERVICE_UNAVAILABLE', 'Not now.'));
    const failing = { ...world.deps, ingestQueue: { ...world.ingestQueue, sendAll } };
    const message: SyncMessage = { datasetId: dataset.id, work: 'release' };
    await expect(syncDataset(message, ENOUGH_TIME, failing)).rejects.toThrow('Not now.');
    await release(dataset);
    expect([world.ingestQueue.take(), await left(dataset)]).toMatchObject([[{}], 0]);
  });
});
