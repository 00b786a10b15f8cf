import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { policyDocument } from '../../local/access-policy.ts';
import { type IngestWorld, startIngestWorld } from '../support/ingest-world.ts';
import { photo } from '../support/photos.ts';
import { MINUTE, reconcileAndSync, reconcileDepsOver } from '../support/reconcile-stage.ts';

let world: IngestWorld;
let deps: ReturnType<typeof reconcileDepsOver>;
beforeAll(async () => {
  world = await startIngestWorld();
  deps = reconcileDepsOver(world.stage);
});
afterAll(() => world.stop());

const ROUND = { isLong: false, leftMs: () => 15 * 60_000 };
/** Rounds of reconcile until so much time has passed, and what comes of them. */
async function pass(minutes: number): Promise<void> {
  for (let passed = 0; passed < minutes; passed += 5) {
    world.stage.clock.now += 5 * MINUTE;
    await reconcileAndSync(ROUND, world.stage, deps);
    for (const { message } of deps.ingestQueue.take()) await world.deliverEvent(message.event);
  }
}

test('an object that is denied for ever keeps no other one from being found', async () => {
  const { bucket, datasetId, put } = await world.connected();
  const deny = (files: string) => {
    const Resource = `arn:aws:s3:::${bucket.bucket}/in/${files}`;
    const Statement = { Effect: 'Deny', Action: 's3:GetObject', Principal: '*', Resource };
    world.cloud.foreignBuckets.set({ name: bucket.bucket, policy: policyDocument.parse({ Statement }) });
  };
  const image = await photo(1);
  deny('*');
  for (const name of ['c.jpg', 'a.jpg', 'b.jpg']) await world.deliver(await put(name, image));
  await pass(10);
  expect((await world.heldOf(datasetId)).length).toBe(3);

  deny('c.jpg');
  await put('d.jpg', image);
  await pass(70);
  expect(await world.filesOf(datasetId)).toEqual(['a.jpg', 'b.jpg', 'd.jpg']);
  expect((await world.heldOf(datasetId)).map(({ fileName }) => fileName)).toEqual(['c.jpg']);
  expect((await world.stage.stores.states.get(datasetId))?.problem).toMatchObject({
    ...{ scope: 'object', fileName: 'c.jpg' },
  });

  deny('no-such.jpg');
  await pass(10);
  expect(await world.heldOf(datasetId)).toEqual([]);
  expect(await world.filesOf(datasetId)).toEqual(['a.jpg', 'b.jpg', 'c.jpg', 'd.jpg']);
});
