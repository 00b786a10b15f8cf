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

test('an event of a bucket of several datasets fails for nobody else where it fails for one: that one gets it again', async () => {
  const [bucket, role] = [world.newBucket(), world.newRole()];
  const [theirs, ours] = [
    await world.newDataset(delegatedTo(role, bucket.bucket)),
    await world.newDataset(delegatedTo(role, bucket.bucket)),
  ];
  const { images } = world.stage.deps;
  const failing: typeof images = {
    ...images,
    open: async (dataset, image) => {
      if (dataset.id === theirs) throw new RetryableError('SERVICE_UNAVAILABLE', 'No answer.');
      return images.open(dataset, image);
    },
  };
  const body = messageOf(await bucket.put('a.jpg', await photo(1)));
  await deliverBody(body, { ...world.stage.deps, images: failing }, FIRST_DELIVERY);
  expect([await world.filesOf(theirs), await world.filesOf(ours)]).toEqual([[], ['a.jpg']]);
  expect(await world.stage.deps.intake.get(ours)).toBeDefined();
  expect(await world.heldOf(theirs)).toMatchObject([{ reason: 'problem', event: { datasetId: theirs } }]);
  await world.release(theirs);
  expect(await world.filesOf(theirs)).toEqual(['a.jpg']);
});

test('an event of a bucket of many datasets is ingested for none of them at once: each gets it in a message of its own', async () => {
  const [bucket, role] = [world.newBucket(), world.newRole()];
  const connected = (path: string) => world.newDataset(delegatedTo(role, path));
  const elsewhere = await connected(`${bucket.bucket}/elsewhere`);
  const datasets: string[] = [];
  while (datasets.length < 8) datasets.push(await connected(bucket.bucket));
  await world.deliver(await bucket.put('few.jpg', await photo(1)));
  expect(await world.stage.passedOn()).toEqual([]);
  expect(await world.filesOf(datasets[7]!)).toEqual(['few.jpg']);

  datasets.push(await connected(bucket.bucket));
  await world.deliver(await bucket.put('many.jpg', await photo(2)));
  const newest = datasets[8]!;
  expect(await world.filesOf(newest)).toEqual([]);
  // That its bucket sends events is known, although what names a dataset does not say so.
  expect((await world.stage.stores.states.get(newest))?.lastEventAt).toBeDefined();
  const messages = await world.stage.passedOn();
  expect(messages.map((message) => (message as IngestRequest).event.datasetId).sort()).toEqual(
    datasets.toSorted(),
  );
  for (const message of messages)
    await deliverBody(JSON.stringify(message), world.stage.deps, FIRST_DELIVERY);
  expect(await world.filesOf(newest)).toEqual(['many.jpg']);
  expect(await world.filesOf(datasets[0]!)).toEqual(['few.jpg', 'many.jpg']);
  expect([await world.filesOf(elsewhere), await world.stage.passedOn()]).toEqual([[], []]);
}, 60_000);
