import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { RetryableError } from '#contracts/errors';
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
