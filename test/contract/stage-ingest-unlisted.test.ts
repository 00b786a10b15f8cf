import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ObjectEvent } from '#contracts/object-event';
import { targetsOf } from '../../functions/ingest/event-targets.ts';
import type { RolePlan } from '../../local/plan-types.ts';
import { delegatedTo, type IngestWorld, READ, startIngestWorld } from '../support/ingest-world.ts';
import { photo } from '../support/photos.ts';

let world: IngestWorld;
let image: Buffer;
beforeAll(async () => {
  world = await startIngestWorld();
  image = await photo(1);
});
afterAll(() => world.stop());

/** Each test has a bucket, and a dataset whose owner has named it as INPUT just now. */
let bucket: ReturnType<IngestWorld['newBucket']>;
let datasetId: string;
const connect = async (role: RolePlan) => {
  datasetId = await world.newDataset();
  await world.connectUnlisted(datasetId, delegatedTo(role, `${bucket.bucket}/in`));
  world.forget();
};
beforeEach(() => {
  bucket = world.newBucket();
});

const stateNow = () => world.stage.stores.states.get(datasetId);
const order = { by: 'sequencer', sequencer: '01' } as const;
const event = (change: Partial<ObjectEvent> = {}): ObjectEvent => ({
  ...{ kind: 'created', bucket: bucket.bucket, key: 'in/secret.jpg', order },
  ...change,
});
const isToldOf = async (of: ObjectEvent): Promise<boolean> =>
  Array.isArray(await targetsOf(of, world.stage.deps));

describe('whoever names a bucket that they may not list', () => {
  test.each([
    ['with a role that may nothing', () => world.newRole([])],
    [
      'with a role that may read, and not list',
      () => world.newRole(READ.filter((may) => may !== 's3:ListBucket')),
    ],
    ['with a role that asks for another external ID', () => world.newRole(READ, 'another-external-id')],
  ])('is not told of what comes there, %s', async (_, newRole) => {
    await connect(newRole());
    await world.deliver(await bucket.put('in/secret.jpg', image));
    expect(await world.filesOf(datasetId)).toEqual([]);
    expect(await world.heldOf(datasetId)).toEqual([]);
    expect(await stateNow()).toBeUndefined();
  });

  test('is not told while the dataset is paused either', async () => {
    await connect(world.newRole([]));
    await world.stage.datasets.pause(datasetId, world.stage.clock.now);
    world.forget();
    await world.deliver(await bucket.put('in/secret.jpg', image));
    expect(await world.heldOf(datasetId)).toEqual([]);
  });

  test('may have another place of that name listed, or a report: that shows no right to list this one', async () => {
    await connect(world.newRole([]));
    for (const listed of [{ placeDigest: 'of-another-place' }, { source: 'inventory' }] as const) {
      await world.listed(datasetId, listed);
      expect(await isToldOf(event())).toBe(false);
    }
  });
});

describe('a datasource that was connected just now', () => {
  test('takes events in from when some of it is listed; what a listing finds is taken in at once', async () => {
    await connect(world.newRole());
    const [early, late] = [await bucket.put('in/early.jpg', image), await bucket.put('in/late.jpg', image)];
    await world.deliver(early);
    expect(await world.filesOf(datasetId)).toEqual([]);
    const observed = { datasetId, key: 'in/early.jpg', order: { by: 'observation' } } as const;
    await world.deliverEvent(event(observed));
    expect(await world.filesOf(datasetId)).toEqual(['early.jpg']);
    await world.listed(datasetId, { state: 'RUNNING' });
    await world.deliver(late);
    expect(await world.filesOf(datasetId)).toEqual(['early.jpg', 'late.jpg']);
  });
});

test('an event that was held of a bucket is not asked for at a server that is named since', async () => {
  await connect(world.newRole());
  await world.connect(datasetId, {
    ...{ type: 'S3', purpose: 'INPUT', fullPath: `s3://${bucket.bucket}/in`, s3Region: 'eu-central-1' },
    ...{ s3AccessKeyId: 'key', s3SecretAccessKey: 'secret' },
  });
  expect(await isToldOf(event({ datasetId }))).toBe(true);
  await world.configure(datasetId, { input: { endpoint: 'https://s3.example.com' } });
  await world.listed(datasetId);
  world.forget();
  expect(await isToldOf(event({ datasetId }))).toBe(false);
  expect(await isToldOf(event({ datasetId, order: { by: 'observation' } }))).toBe(true);
});
