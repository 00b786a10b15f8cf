import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Dataset } from '#contracts/items';
import { someRawSample } from '../support/documents.ts';
import { anObject, INPUT, type SyncWorld, startSyncWorld } from '../support/sync-world.ts';

let world: SyncWorld;
beforeAll(async () => {
  world = await startSyncWorld();
});
afterAll(() => world.stop());

/** The registry has it as an image that was read. */
async function registered({ id: datasetId }: Dataset, fileName: string, fields: object = {}) {
  const place = { datasetId, fileName, bucket: INPUT, key: fileName, eTag: `e-${fileName}` };
  const state = someRawSample({ ...place, ...fields });
  await world.rawSamples.write(state, { by: 'sequencer', sequencer: state.sequencer });
}
const eventsOf = async (dataset: Dataset, thorough?: boolean) => {
  await world.compare(dataset, thorough ? { thorough } : {});
  return world.ingestQueue
    .take()
    .map(({ message }) => message.event)
    .toSorted((one, other) => (one.key < other.key ? -1 : 1));
};

test('an image that was overwritten by what the filter leaves out is gone, and what is the same stays', async () => {
  const dataset = await world.newDataset({ minBytes: 100, exclude: ['old/**'] });
  for (const name of ['a.jpg', 'b.jpg', 'old/c.jpg', 'moved.jpg']) await registered(dataset, name);
  const moved = { bucket: 'elsewhere', sequencer: 'f'.repeat(32) };
  await registered(dataset, 'moved.jpg', moved);
  world.hold([
    anObject('a.jpg', { eTag: 'another' }),
    // Left out by the size that the filter asks for by now.
    anObject('b.jpg'),
    anObject('moved.jpg'),
    anObject('never-seen.jpg'),
    anObject('old/c.jpg', { eTag: 'another', size: 1_000 }),
  ]);
  for (const thorough of [false, true]) {
    const events = await eventsOf(dataset, thorough);
    expect(events.map(({ kind, key }) => `${kind} ${key}`)).toEqual([
      'removed a.jpg',
      'removed moved.jpg',
      'removed old/c.jpg',
    ]);
    expect(events[0]).toMatchObject({ order: { by: 'observation', seen: { eTag: 'e-a.jpg' } } });
    expect((await world.deps.syncs.get(dataset.id))?.counts).toMatchObject({ gone: 3, changed: 0 });
  }
});

test('what is registered and listed as archived is told so, and what is known to be so is not', async () => {
  const dataset = await world.newDataset({ minBytes: 5 });
  for (const name of ['a.jpg', 'b.jpg', 'small.jpg']) await registered(dataset, name);
  await world.know(dataset, [anObject('corrupt.jpg')]);
  const archived = { storageClass: 'GLACIER' };
  const listed = [
    anObject('a.jpg', archived),
    anObject('b.jpg'),
    anObject('corrupt.jpg', archived),
    anObject('small.jpg', { size: 1, ...archived }),
  ];
  world.hold(listed);
  const events = await eventsOf(dataset);
  expect(events).toMatchObject([
    { kind: 'created', key: 'a.jpg', archive: 'entered', order: { by: 'observation' } },
    { kind: 'created', key: 'small.jpg', archive: 'entered' },
  ]);
  for (const { key } of events) {
    const stored = (await world.rawSamples.get(dataset.id, key))!;
    const { sequencer, eTag } = stored;
    await world.rawSamples.write({ ...stored, state: 'archived' } as never, {
      ...{ by: 'observation', seen: { sequencer, eTag } },
    });
  }
  expect(await eventsOf(dataset)).toEqual([]);
  // It is restored: ingest is asked to look, once.
  world.hold(listed.map(({ storageClass: _, ...object }) => object));
  expect(await eventsOf(dataset)).toMatchObject([{ key: 'a.jpg' }, { key: 'small.jpg' }]);
});
