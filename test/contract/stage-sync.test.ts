import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ObjectEvent } from '#contracts/object-event';
import type { DatasourceFile } from '#platform/datasources/datasource-objects';
import { byUtf8Bytes } from '#platform/datasources/name-order';
import {
  anObject,
  INPUT,
  type SyncWorld,
  someObjects,
  startSyncWorld,
  usualRequestMemory,
} from '../support/sync-world.ts';

let world: SyncWorld;
beforeAll(async () => {
  world = await startSyncWorld();
});
afterAll(() => world.stop());

const told = (events: readonly ObjectEvent[]): string[] =>
  events.map(({ kind, key }) => `${kind} ${key}`).toSorted();
const syncOf = ({ id }: { readonly id: string }) => world.deps.syncs.get(id);

/** The registry has it as one that can't be read before it is restored. */
const archive = ({ id: datasetId }: { readonly id: string }, fileName: string) =>
  world.rawSamples.write(
    {
      ...{ datasetId, fileName, bucket: INPUT, key: fileName, size: 10, eTag: `e-${fileName}` },
      ...{ sequencer: '', lastModified: 1, registeredAt: 1, pending: true },
      ...{ state: 'rejected', rejection: { code: 'ARCHIVED', reason: 'in an archive' } },
    },
    { by: 'observation' },
  );

describe('a compare', () => {
  test('finds what is missed, changed, gone and back, says so once, and then nothing', async () => {
    const dataset = await world.newDataset();
    world.hold(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg'].map((name) => anObject(name)));
    await world.compare(dataset);
    expect(told(await world.ingest())).toEqual([
      'created a.jpg',
      'created b.jpg',
      'created c.jpg',
      'created d.jpg',
    ]);
    await world.compare(dataset);
    expect(await world.ingest()).toEqual([]);

    world.hold([anObject('a.jpg'), anObject('b.jpg', { eTag: 'another' }), anObject('e.jpg')]);
    await world.compare(dataset);
    const events = await world.ingest();
    expect(told(events)).toEqual(['created b.jpg', 'created e.jpg', 'removed c.jpg', 'removed d.jpg']);
    expect(events.every(({ datasetId }) => datasetId === dataset.id)).toBe(true);
    const states = [...(await world.registered(dataset)).values()].map(({ fileName, state, eTag }) => [
      fileName,
      state,
      eTag,
    ]);
    expect(states).toEqual(
      expect.arrayContaining([
        ['a.jpg', 'rejected', 'e-a.jpg'],
        ['b.jpg', 'rejected', 'another'],
        ['c.jpg', 'deleted', 'e-c.jpg'],
        ['d.jpg', 'deleted', 'e-d.jpg'],
        ['e.jpg', 'rejected', 'e-e.jpg'],
      ]),
    );
    world.hold(
      ['a.jpg', 'b.jpg', 'c.jpg', 'e.jpg'].map((name) =>
        anObject(name, name === 'b.jpg' ? { eTag: 'another' } : {}),
      ),
    );
    await world.compare(dataset);
    expect(told(await world.ingest())).toEqual(['created c.jpg']);
    const { state, counts, firstFinishedAt, last } = (await syncOf(dataset))!;
    expect({ state, counts, isKnown: firstFinishedAt !== undefined }).toMatchObject({
      ...{ state: 'DONE', isKnown: true },
      counts: { listed: 4, missed: 1, changed: 0, gone: 0, skipped: {} },
    });
    expect(last?.counts).toEqual(counts);
  });

  test('leaves out what filters leave out, by reason, and what a dataset has made beside its images', async () => {
    const dataset = await world.newDataset({ include: ['2026/**'], maxBytes: 100 });
    const names = [
      '.lightly/thumbnails/x.jpg',
      '2025/a.jpg',
      '2026/a.jpg',
      '2026/notes.txt',
      '2026/',
      '2026/large.jpg',
    ];
    world.hold(names.map((name) => anObject(name, name.includes('large') ? { size: 101 } : {})));
    await world.compare(dataset);
    expect(told(await world.ingest())).toEqual(['created 2026/a.jpg']);
    expect((await syncOf(dataset))?.counts.skipped).toEqual({
      ...{ 'not-included': 1, extension: 1, folder: 1, 'too-large': 1 },
    });
  });

  test('leaves young objects to their events, and looks at them again', async () => {
    const dataset = await world.newDataset();
    const there = [anObject('old.jpg'), anObject('first.jpg', { lastModified: world.clock.now - 60_000 })];
    world.hold(there);
    await world.compare(dataset);
    // Of what was there before the datasource was connected no event is under way.
    expect(told(await world.ingest()).sort()).toEqual(['created first.jpg', 'created old.jpg']);
    world.hold([...there, anObject('young.jpg', { lastModified: world.clock.now - 60_000 })]);
    await world.compare(dataset);
    expect(told(await world.ingest())).toEqual([]);
    world.clock.now += 60_000;
    await world.compare(dataset);
    expect(told(await world.ingest())).toEqual(['created young.jpg']);
  });

  test('a listing that lags behind: what is missing in it is asked for before it counts as gone', async () => {
    const dataset = await world.newDataset();
    const all = ['a.jpg', 'b.jpg', 'c.jpg'].map((name) => anObject(name));
    world.hold(all);
    await world.compare(dataset);
    await world.ingest();
    world.hold(all.slice(0, 1));
    world.listing.hold({ count: 1, at: () => all[0]! }, (name) => name !== 'c.jpg');
    await world.compare(dataset);
    expect(told(await world.ingest())).toEqual(['removed c.jpg']);
  });

  test('an object that appears in two pages is one', async () => {
    const dataset = await world.newDataset();
    const objects = someObjects(1_010);
    world.hold(objects);
    const { open } = world.deps.datasourceConnections;
    const overlapping = async (datasource: Parameters<typeof open>[0]) => {
      const opened = await open(datasource);
      let last: DatasourceFile[] = [];
      const list: typeof opened.list = async (request) => {
        const page = await opened.list(request);
        const files = request.limit === 1 ? page.files : [...last, ...page.files, ...page.files.slice(-1)];
        if (request.limit > 1) last = files.slice(-3);
        return { ...page, files: files.toSorted((a, b) => byUtf8Bytes(a.name, b.name)) };
      };
      return { ...opened, list };
    };
    await world.compare(dataset, { datasourceConnections: { open: overlapping as typeof open } });
    expect((await syncOf(dataset))?.counts).toMatchObject({ listed: 1_010, missed: 1_010 });
    const keys = world.ingestQueue.take().map(({ message }) => message.event.key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('an archived object that has been restored is another one', async () => {
    const dataset = await world.newDataset();
    await archive(dataset, 'restored.jpg');
    await archive(dataset, 'archived.jpg');
    world.hold([anObject('archived.jpg', { storageClass: 'DEEP_ARCHIVE' }), anObject('restored.jpg')]);
    await world.compare(dataset);
    expect(told(await world.ingest())).toEqual(['created restored.jpg']);
  });

  test('one whose archive shows in no listing is looked at again when everything is, and not each time', async () => {
    const dataset = await world.newDataset();
    const object = anObject('a.jpg');
    await archive(dataset, object.name);
    world.hold([object]);
    const asked = async (options = {}) => {
      await world.compare(dataset, options);
      return told(world.ingestQueue.take().map(({ message }) => message.event));
    };
    expect(await asked()).toEqual(['created a.jpg']);
    expect(await asked()).toEqual([]);
    expect(await asked({ thorough: true })).toEqual(['created a.jpg']);
    world.hold([{ ...object, eTag: 'another' }]);
    expect([await asked(), await asked()]).toEqual([['created a.jpg'], ['created a.jpg']]);
  });

  test('of another place: what the new one lacks is gone, and what it has is other objects; and back again', async () => {
    const dataset = await world.newDataset();
    world.hold(['a.jpg', 'b.jpg'].map((name) => anObject(name)));
    await world.compare(dataset);
    await world.ingest();
    await world.compare(dataset);
    const move = async (version: number, fullPath: string) => {
      const { configs } = (await world.deps.datasources.get(dataset.id))!;
      await world.deps.datasources.replace({
        ...{ datasetId: dataset.id, version, lastModifiedAt: 1 },
        configs: configs.map((config) => ({ ...config, fullPath })),
      });
    };
    await move(2, 's3://elsewhere');
    world.hold([anObject('b.jpg')]);
    world.listing.failWith(({ operation }) => (operation === 'head' ? 'denied' : undefined));
    await world.compare(dataset);
    world.listing.failWith(() => undefined);
    expect(told(await world.ingest())).toEqual(['created b.jpg', 'removed a.jpg']);
    expect((await syncOf(dataset))?.firstFinishedAt).toBe(world.clock.now);

    await move(3, `s3://${INPUT}`);
    world.hold(['a.jpg', 'b.jpg'].map((name) => anObject(name)));
    await world.compare(dataset);
    expect(told(await world.ingest())).toEqual(['created a.jpg', 'created b.jpg']);
  });

  test('asks once for what nobody has looked at yet, and anew for what has changed since in the registry', async () => {
    const dataset = await world.newDataset();
    const requests = usualRequestMemory(() => world.clock.now);
    const asked = async () => {
      await world.compare(dataset, { requests });
      return world.ingestQueue.take().map(({ message }) => message);
    };
    const stays = anObject('stays.jpg');
    world.hold([stays, anObject('a.jpg')]);
    const first = await asked();
    expect([first.length, (await asked()).length]).toEqual([2, 0]);
    // It is registered, goes, comes back and goes again, as it was and within the hour; no event tells.
    await world.ingestQueue.sendAll(first);
    await world.ingest();
    for (const [kind, objects] of [
      ['removed', [stays]],
      ['created', [stays, anObject('a.jpg')]],
      ['removed', [stays]],
      ['created', [stays, anObject('a.jpg')]],
    ] as const) {
      world.clock.now += 60_000;
      world.hold(objects);
      const messages = await asked();
      expect(told(messages.map(({ event }) => event))).toEqual([`${kind} a.jpg`]);
      expect(await asked()).toEqual([]);
      await world.ingestQueue.sendAll(messages);
      await world.ingest();
    }
  });

  test('asks again for what could not be sent', async () => {
    const dataset = await world.newDataset();
    const requests = usualRequestMemory(() => world.clock.now);
    world.hold([anObject('a.jpg')]);
    const sendAll = async () => Promise.reject(new Error('The queue does not answer.'));
    const failing = { ...world.ingestQueue, sendAll };
    await expect(world.compare(dataset, { requests, ingestQueue: failing })).rejects.toThrow('queue');
    expect(world.ingestQueue.take()).toEqual([]);
    // Whoever failed keeps the lease of the sync.
    world.clock.now += 10 * 60_000;
    await world.compare(dataset, { requests });
    expect(told(world.ingestQueue.take().map(({ message }) => message.event))).toEqual(['created a.jpg']);
  });

  test('a deleted or paused dataset: nothing is listed', async () => {
    const [deleted, paused] = [await world.newDataset(), await world.newDataset()];
    world.hold([anObject('a.jpg')]);
    await world.deps.datasets.markDeleted(deleted.id, 1, { evenIfLocked: true });
    await world.deps.datasets.pause(paused.id, 1);
    const before = world.listing.requests.list;
    await world.compare(deleted);
    await world.compare(paused);
    expect(world.listing.requests.list).toBe(before);
    expect([await syncOf(deleted), await syncOf(paused)]).toEqual([undefined, undefined]);
  });
});

test('many objects: a second pass lists, and looks nothing up', async () => {
  const dataset = await world.newDataset();
  const objects = someObjects(5_000);
  world.hold(objects);
  await world.know(dataset, objects);
  await world.compare(dataset);
  // Parts that turned out to be small are listed together from now on.
  await world.compare(dataset);
  expect(await world.ingest()).toEqual([]);
  const looked: unknown[] = [];
  const rawSamples = {
    ...world.rawSamples,
    listRange: (...range: Parameters<typeof world.rawSamples.listRange>) => {
      looked.push(range);
      return world.rawSamples.listRange(...range);
    },
  };
  const before = { ...world.listing.requests };
  await world.compare(dataset, { rawSamples });
  expect(looked).toEqual([]);
  const { requests, listed } = (await syncOf(dataset))!.counts;
  expect({ listed, requests, heads: world.listing.requests.head - before.head }).toEqual({
    ...{ listed: 5_000, heads: 0 },
    requests: world.listing.requests.list - before.list,
  });
  expect(requests).toBeLessThan(5 + 16 + 1);

  // One that changes has its chunk looked up, and no other.
  world.hold([...objects.slice(1), { ...objects[0]!, eTag: 'another' }]);
  await world.compare(dataset, { rawSamples });
  expect(looked).toHaveLength(1);
  expect(await world.ingest()).toHaveLength(1);
});
