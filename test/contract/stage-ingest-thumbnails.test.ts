import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RegisteredRawSample } from '#contracts/items';
import { verifyAndNote } from '#platform/datasources/verify-and-note';
import { deliverBody } from '../support/ingest-stage.ts';
import { delegatedTo, type IngestWorld, startIngestWorld, WRITE } from '../support/ingest-world.ts';
import { FIRST_DELIVERY } from '../support/lambda-invocation.ts';
import { messageOf } from '../support/landing.ts';
import { photo } from '../support/photos.ts';

let world: IngestWorld;
let image: Buffer;
beforeAll(async () => {
  world = await startIngestWorld();
  image = await photo(1);
});
afterAll(() => world.stop());

test('thumbnails go where the dataset has its LIGHTLY datasource, and are no images themselves', async () => {
  const bucket = world.newBucket();
  const writing = world.newRole(WRITE);
  const datasetId = await world.newDataset(
    delegatedTo(writing, bucket.bucket),
    delegatedTo(writing, `${bucket.bucket}/out`, { purpose: 'LIGHTLY' }),
  );
  await world.deliver(await bucket.put('a.jpg', image), await bucket.put('a.jpeg', image));
  expect(await world.fileOf(datasetId, 'a.jpg')).toMatchObject({
    ...{ thumbIn: 'LIGHTLY', thumbName: '.lightly/thumbnails/a_thumb.webp' },
  });
  const thumbnails = ['a', 'a.jpeg'].map((name) => `out/.lightly/thumbnails/${name}_thumb.webp`);
  expect((await world.keysIn(bucket.bucket)).sort()).toEqual(['a.jpeg', 'a.jpg', ...thumbnails].sort());
  for (const name of thumbnails) await world.deliver(await bucket.put(name, image));
  expect(await world.filesOf(datasetId)).toEqual(['a.jpeg', 'a.jpg']);
});

test('thumbnails have shorter names where the datasource is so deep that theirs would be too long', async () => {
  const bucket = world.newBucket();
  const writing = world.newRole(WRITE);
  const datasetId = await world.newDataset(
    delegatedTo(writing, bucket.bucket),
    delegatedTo(writing, `${bucket.bucket}/${'deep/'.repeat(80)}`, { purpose: 'LIGHTLY' }),
  );
  const name = `${'long/'.repeat(150)}a.jpg`;
  await world.deliver(await bucket.put(name, image));
  const found = (await world.fileOf(datasetId, name)) as RegisteredRawSample;
  expect(found.thumbName).toMatch(/^\.lightly\/thumbnails\/[0-9a-f]{64}_thumb\.webp$/);
  expect(await world.keysIn(bucket.bucket)).toContain(`${'deep/'.repeat(80)}${found.thumbName}`);
});

test('thumbnails that may not be written there hold the image back until they may', async () => {
  const bucket = world.newBucket();
  const reading = world.newRole();
  const datasetId = await world.newDataset(delegatedTo(reading, bucket.bucket, { purpose: 'INPUT_OUTPUT' }));
  await world.deliver(await bucket.put('a.jpg', image));
  expect(await world.fileOf(datasetId, 'a.jpg')).toBeUndefined();
  expect(await world.stage.stores.states.get(datasetId)).toMatchObject({
    problem: {
      ...{ use: 'LIGHTLY', code: 'DENIED', action: 's3:PutObject' },
      fileName: '.lightly/thumbnails/a_thumb.webp',
    },
  });
  world.cloud.foreignRoles.set({ ...world.newRole(WRITE), arn: reading.arn, trust: reading.trust });
  await world.release(datasetId);
  expect(await world.fileOf(datasetId, 'a.jpg')).toMatchObject({ state: 'registered', thumbIn: 'LIGHTLY' });
});

test('thumbnails that nobody may write: once that was verified, images are held without being read', async () => {
  const bucket = world.newBucket();
  const datasetId = await world.newDataset(
    delegatedTo(world.newRole(), bucket.bucket, { purpose: 'INPUT_OUTPUT' }),
  );
  const { stage } = world;
  const images = new Set<string>();
  const open: typeof stage.deps.images.open = (dataset, { key, ...image }) => {
    images.add(key);
    return stage.deps.images.open(dataset, { key, ...image });
  };
  const deliver = async (name: string) => {
    const body = messageOf(await bucket.put(name, image));
    await deliverBody(body, { ...stage.deps, images: { ...stage.deps.images, open } }, FIRST_DELIVERY);
  };
  const verify = async () => {
    const { datasources, states: datasourceStates } = stage.stores;
    const { datasourceConnections, now } = stage.deps;
    const dataset = (await stage.datasets.get(datasetId))!;
    await verifyAndNote(dataset, { datasources, datasourceStates, datasourceConnections, now });
    world.forget();
  };
  await deliver('a.jpg');
  world.forget();
  await deliver('b.jpg');
  expect([...images]).toEqual(['a.jpg', 'b.jpg']);
  await verify();
  await deliver('c.jpg');
  await world.deliver(await bucket.remove('a.jpg'));
  expect([...images]).toEqual(['a.jpg', 'b.jpg']);
  const held = (await world.heldOf(datasetId)).map(({ fileName }) => fileName);
  expect(held.toSorted()).toEqual(['a.jpg', 'b.jpg', 'c.jpg']);
  // Should nobody find out that they may be written by now, ingest does.
  stage.clock.now += 5 * 60_000;
  await deliver('d.jpg');
  expect([...images]).toEqual(['a.jpg', 'b.jpg', 'd.jpg']);
});
