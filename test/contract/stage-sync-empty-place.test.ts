import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Dataset } from '#contracts/items';
import { isBeingTakenIn } from '#platform/syncs/first-listing';
import { dueSync } from '#platform/syncs/sync-schedule';
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

const OBJECTS = ['a.jpg', 'b.jpg', 'c.jpg'].map((name) => anObject(name));
const syncOf = ({ id }: Dataset) => world.deps.syncs.get(id);
const registeredNames = async (dataset: Dataset) =>
  [...(await world.registered(dataset)).values()]
    .filter(({ state }) => state !== 'deleted')
    .map(({ fileName }) => fileName)
    .toSorted();

/** A dataset of which everything was listed and registered. */
async function takenIn(): Promise<Dataset> {
  const dataset = await world.newDataset();
  world.hold(OBJECTS);
  await world.compare(dataset);
  await world.ingest();
  await world.compare(dataset);
  return dataset;
}
async function moveTo(dataset: Dataset, fullPath: string): Promise<void> {
  const stored = (await world.deps.datasources.get(dataset.id))!;
  const configs = stored.configs.map((config) => ({ ...config, fullPath }));
  await world.deps.datasources.replace({ ...stored, version: stored.version + 1, configs });
}

test.each([
  ['nothing', []],
  ['what stands for folders, and what a dataset has made', ['.lightly/thumbnails/x.webp', 'day/']],
])('where there is %s by now, no image counts as gone, and it is said why', async (_, names) => {
  const dataset = await takenIn();
  world.hold(names.map((name) => anObject(name)));
  const before = world.listing.requests.list;
  await world.compare(dataset);
  expect(await world.ingest()).toEqual([]);
  const failed = (await syncOf(dataset))!;
  expect(failed).toMatchObject({ state: 'FAILED', error: expect.stringContaining('--accept-removals') });
  expect(failed.error).toContain("Nothing is listed in 's3://input-bucket'");
  expect(world.listing.requests.list - before).toBeLessThanOrEqual(2);
  // Nothing is wrong with access: events are worked on, and runs begin.
  expect(await world.deps.states.get(dataset.id)).toBeUndefined();
  expect(await isBeingTakenIn(dataset, { ...world.deps })).toBe(false);
  expect(dueSync(failed, {}, { placeDigest: failed.placeDigest, now: world.clock.now + 6 * 60_000 })).toBe(
    'compare',
  );

  // It is there again: nothing is read anew.
  world.hold(OBJECTS);
  await world.compare(dataset);
  expect(await world.ingest()).toEqual([]);
  expect(await syncOf(dataset)).toMatchObject({ state: 'DONE', counts: { listed: 3, missed: 0, gone: 0 } });
});

test('what was passed while there was nothing is listed once there is something', async () => {
  const dataset = await world.newDataset();
  const objects = someObjects(3_000);
  await world.know(dataset, objects);
  world.hold(objects);
  await world.compare(dataset);
  await world.compare(dataset);
  world.hold([]);
  await world.compare(dataset);
  expect(await syncOf(dataset)).toMatchObject({ state: 'FAILED', parts: [] });
  const added = objects.filter((_, at) => at % 100 === 0).map(({ name }) => anObject(`${name}.jpg`));
  world.hold([...objects, ...added]);
  await world.compare(dataset);
  expect((await world.ingest()).map(({ kind }) => kind)).toEqual(added.map(() => 'created'));
});

test('a place without anything that was connected by mistake takes nothing away, and runs wait', async () => {
  const dataset = await takenIn();
  await moveTo(dataset, 's3://input-bucket/typo/');
  world.hold([]);
  await world.compare(dataset);
  expect(await syncOf(dataset)).toMatchObject({ state: 'FAILED', error: expect.stringContaining('/typo/') });
  expect(await isBeingTakenIn(dataset, { ...world.deps })).toBe(true);
  await moveTo(dataset, 's3://input-bucket');
  world.hold(OBJECTS);
  await world.compare(dataset);
  expect(await world.ingest()).toEqual([]);
  expect(await registeredNames(dataset)).toEqual(['a.jpg', 'b.jpg', 'c.jpg']);
});

test('somebody who says so has them removed, once', async () => {
  const dataset = await takenIn();
  world.hold([]);
  await world.compare(dataset);
  const message = { datasetId: dataset.id, work: 'compare', acceptRemovals: true } as const;
  await syncDataset(message, ENOUGH_TIME, world.deps);
  expect(await world.ingest(() => false)).toHaveLength(3);
  expect(await syncOf(dataset)).toMatchObject({ state: 'DONE', counts: { listed: 0, gone: 3 } });
  expect(await registeredNames(dataset)).toEqual([]);
  // Nothing is left that could go: an empty place is in order.
  await world.compare(dataset);
  expect((await syncOf(dataset))?.state).toBe('DONE');

  world.hold(OBJECTS);
  await world.compare(dataset);
  await world.ingest();
  world.hold([]);
  await world.compare(dataset);
  expect((await syncOf(dataset))?.state).toBe('FAILED');
});

test('somebody who says so while another worker is at it is heard later', async () => {
  const dataset = await takenIn();
  const sync = (await syncOf(dataset))!;
  const leased = { state: 'RUNNING', leaseUntil: world.clock.now + 60_000 } as const;
  await world.deps.syncs.replace({ ...sync, ...leased, version: sync.version + 1 });
  const message = { datasetId: dataset.id, work: 'compare', acceptRemovals: true } as const;
  world.syncQueue.take();
  await syncDataset(message, ENOUGH_TIME, world.deps);
  expect(world.syncQueue.take().map((sent) => sent.message)).toEqual([message]);
});

test('a folder of the landing bucket that is empty has lost its images', async () => {
  const dataset = await world.newDataset();
  await world.deps.datasources.replace({
    ...(await world.deps.datasources.get(dataset.id))!,
    ...{ version: 2, configs: [] },
  });
  const place = { bucket: 'landing', key: `${dataset.name}/a.jpg`, fileName: 'a.jpg' };
  await world.rawSamples.write(
    {
      ...{ ...place, datasetId: dataset.id, size: 10, eTag: 'e', sequencer: '01', lastModified: 1 },
      ...{ registeredAt: 1, pending: false, state: 'rejected' },
      rejection: { code: 'CORRUPT', reason: 'It is no image.' },
    },
    { by: 'sequencer', sequencer: '01' },
  );
  world.hold([]);
  await world.compare(dataset);
  expect(world.ingestQueue.take().map(({ message }) => message.event.kind)).toEqual(['removed']);
});

test('what has a longer name than S3 takes is not there, whatever server tells of it', async () => {
  const dataset = await world.newDataset();
  world.hold(['a.jpg', `b${'x'.repeat(1_100)}.jpg`, 'z.jpg'].map((name) => anObject(name)));
  await world.compare(dataset);
  expect(await world.deps.syncs.get(dataset.id)).toMatchObject({
    ...{ state: 'DONE', counts: { listed: 2, missed: 2, skipped: {} } },
  });
});
