import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RetryableError } from '#contracts/errors';
import type { IngestRequest } from '#contracts/object-event';
import { deliverBody } from '../support/ingest-stage.ts';
import { delegatedTo, type IngestWorld, startIngestWorld } from '../support/ingest-world.ts';
import { FIRST_DELIVERY } from '../support/lambda-invocation.ts';
import { messageOf } from '../support/landing.ts';
import { photo } from '../support/photos.ts';

let world: IngestWorld;
beforeAll(async () => {
  world = await startIngestWorld();
});
afterAll(() => world.stop());

/** What ingest makes of a message at once: events for each of the datasets that it is for. */
async function passedOn(body: string): Promise<IngestRequest[]> {
  await deliverBody(body, world.stage.deps, FIRST_DELIVERY);
  return (await world.stage.passedOn()) as IngestRequest[];
}

test('an event of a bucket of several datasets is ingested for none of them at once: each gets it in a message of its own', async () => {
  const [bucket, role] = [world.newBucket(), world.newRole()];
  const connected = (path: string) => world.newDataset(delegatedTo(role, path));
  const elsewhere = await connected(`${bucket.bucket}/elsewhere`);
  const [theirs, ours] = [await connected(bucket.bucket), await connected(bucket.bucket)];
  const messages = await passedOn(messageOf(await bucket.put('a.jpg', await photo(1))));
  expect(messages.map(({ event }) => event.datasetId).sort()).toEqual([theirs, ours].sort());
  expect(await world.filesOf(ours)).toEqual([]);
  // That its bucket sends events is known, although what names a dataset does not say so.
  expect((await world.stage.stores.states.get(ours))?.lastEventAt).toBeDefined();

  const { images } = world.stage.deps;
  const failing: typeof images = {
    ...images,
    open: async (dataset, image) => {
      if (dataset.id === theirs) throw new RetryableError('SERVICE_UNAVAILABLE', 'No answer.');
      return images.open(dataset, image);
    },
  };
  const deliver = (datasetId: string, deps = world.stage.deps) => {
    const message = messages.find(({ event }) => event.datasetId === datasetId);
    return deliverBody(JSON.stringify(message), deps, FIRST_DELIVERY);
  };
  const deps = { ...world.stage.deps, images: failing };
  await expect(deliver(theirs, deps)).rejects.toThrow('No answer.');
  await deliver(ours, deps);
  expect([await world.filesOf(theirs), await world.filesOf(ours)]).toEqual([[], ['a.jpg']]);
  expect(await world.stage.deps.intake.get(ours)).toBeDefined();
  await deliver(theirs);
  expect(await world.filesOf(theirs)).toEqual(['a.jpg']);
  expect([await world.filesOf(elsewhere), await world.stage.passedOn()]).toEqual([[], []]);
});

test('an event that only one of the datasets in its bucket is about is ingested at once', async () => {
  const [bucket, role] = [world.newBucket(), world.newRole()];
  const [red, blue] = [
    await world.newDataset(delegatedTo(role, `${bucket.bucket}/red`)),
    await world.newDataset(delegatedTo(role, `${bucket.bucket}/blue`)),
  ];
  expect(await passedOn(messageOf(await bucket.put('red/a.jpg', await photo(1))))).toEqual([]);
  expect([await world.filesOf(red), await world.filesOf(blue)]).toEqual([['a.jpg'], []]);
});
