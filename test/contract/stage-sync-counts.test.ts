import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sampleAvailability } from '#aws/sample-availability';
import type { Dataset } from '#contracts/items';
import { inputStatus } from '#platform/datasources/input/input-status';
import { anObject, INPUT, type SyncWorld, someObjects, startSyncWorld } from '../support/sync-world.ts';

let world: SyncWorld;
beforeAll(async () => {
  world = await startSyncWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.ingestQueue.take();
});

const registryOf = async (dataset: Dataset) =>
  (
    await inputStatus(dataset, {
      ...world.deps,
      datasourceStates: world.deps.states,
      heldEvents: { count: async () => 0 },
      sampleAvailability: sampleAvailability(world.table),
    })
  ).counts.registry;
const lastCounts = async ({ id }: Dataset) => (await world.deps.syncs.get(id))?.last?.counts;

test('a listing tells what is registered, and as what, also where it looks nothing up', async () => {
  const dataset = await world.newDataset();
  const objects = someObjects(3_000);
  expect(await registryOf(dataset)).toBeUndefined();
  world.hold(objects);
  await world.know(dataset, objects);
  await world.rawSamples.write(
    {
      ...{ datasetId: dataset.id, fileName: 'zz.jpg', bucket: INPUT, key: 'zz.jpg', size: 1, eTag: 'e' },
      ...{ sequencer: '02', lastModified: 1, registeredAt: 1, pending: false, state: 'rejected' },
      rejection: { code: 'EMPTY', reason: 'It has no bytes.' },
    },
    { by: 'sequencer', sequencer: '02' },
  );
  world.hold([...objects, anObject('zz.jpg', { eTag: 'e' })]);
  const expected = { registered: 0, archived: 0, rejected: { CORRUPT: 3_000, EMPTY: 1 } };
  const looked: unknown[] = [];
  const rawSamples = {
    ...world.rawSamples,
    listRange: (...range: Parameters<typeof world.rawSamples.listRange>) => {
      looked.push(range);
      return world.rawSamples.listRange(...range);
    },
  };
  for (const _ of [1, 2, 3]) {
    looked.length = 0;
    world.clock.now += 1_000;
    await world.compare(dataset, { rawSamples });
    expect(await registryOf(dataset)).toEqual({ at: world.clock.now, ...expected });
  }
  expect(looked).toEqual([]);
  expect(await world.ingest()).toEqual([]);
});

test('what is in an archive is new, and says that it can not be read', async () => {
  const dataset = await world.newDataset();
  const archived = ['a.jpg', 'b.jpg'].map((name) => anObject(name, { storageClass: 'GLACIER' }));
  world.hold([...archived, anObject('c.jpg')]);
  await world.compare(dataset);
  expect(await lastCounts(dataset)).toMatchObject({ missed: 3, missedInArchive: 2 });
  expect(await registryOf(dataset)).toMatchObject({ registered: 0, rejected: {} });
});
