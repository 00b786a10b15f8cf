import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { paddedSequencer } from '#contracts/object-event';
import { targetsOf } from '../../functions/ingest/event-targets.ts';
import type { RolePlan } from '../../local/plan-types.ts';
import { delegatedTo, type IngestWorld, startIngestWorld } from '../support/ingest-world.ts';
import { photo } from '../support/photos.ts';

let world: IngestWorld;
let role: RolePlan;
let image: Buffer;
beforeAll(async () => {
  world = await startIngestWorld();
  role = world.newRole();
  image = await photo(1);
});
afterAll(() => world.stop());

const counted = (metric: string) => world.stage.telemetry.total(metric) ?? 0;
/** As {@link IngestWorld.connected}; images are of one scene unless told otherwise. */
async function connected(...options: Parameters<IngestWorld['connected']>) {
  const made = await world.connected(...options);
  return { ...made, put: (file: string, bytes: Uint8Array = image) => made.put(file, bytes) };
}

describe('an event of a bucket that somebody has lent', () => {
  test('registers the image, and leaves the bucket as it is', async () => {
    const { bucket, datasetId, put, file } = await connected();
    const event = await put('red/a.jpg');
    await world.deliver(event);
    expect(await file('red/a.jpg')).toMatchObject({
      ...{ state: 'registered', pending: true, bucket: bucket.bucket, key: 'in/red/a.jpg' },
      ...{ thumbName: '.lightly/thumbnails/red/a_thumb.webp', newAt: world.stage.clock.now },
    });
    expect(await file('red/a.jpg')).not.toHaveProperty('thumbIn');
    expect(await world.keysIn(bucket.bucket)).toEqual(['in/red/a.jpg']);
    expect(await world.stage.deps.intake.get(datasetId)).toBeDefined();
    expect((await world.stage.stores.states.get(datasetId))?.lastEventAt).toBe(world.stage.clock.now);
  });

  test('is for every dataset that has its images there, each by its own folder', async () => {
    const bucket = world.newBucket();
    const [all, red, blue] = [
      await world.newDataset(delegatedTo(role, bucket.bucket)),
      await world.newDataset(delegatedTo(role, `${bucket.bucket}/red`)),
      await world.newDataset(delegatedTo(role, `${bucket.bucket}/blue`)),
    ];
    await world.deliver(await bucket.put('red/a.jpg', image), await bucket.put('redder/b.jpg', image));
    expect(await world.filesOf(all)).toEqual(['red/a.jpg', 'redder/b.jpg']);
    expect(await world.filesOf(red)).toEqual(['a.jpg']);
    expect(await world.filesOf(blue)).toEqual([]);
  });

  test('finds a dataset whose datasource has just been set, by itself or by a sync that has begun', async () => {
    const datasetId = await world.newDataset();
    const [first, second] = [world.newBucket(), world.newBucket()];
    await world.deliver(await first.put('before.jpg', image));
    await world.deliver(await world.stage.landing.put(`${await world.nameOf(datasetId)}/a.jpg`, image));
    await world.connectJustNow(datasetId, delegatedTo(role, `${first.bucket}/in`));
    await world.deliver(await first.put('in/b.jpg', image));
    await world.connectJustNow(datasetId, delegatedTo(role, `${second.bucket}/in`));
    await second.put('in/c.jpg', image);
    const observed = { kind: 'created', datasetId, order: { by: 'observation' } } as const;
    await world.deliverEvent({ ...observed, bucket: second.bucket, key: 'in/c.jpg' });
    expect(await world.filesOf(datasetId)).toEqual(['a.jpg', 'b.jpg', 'c.jpg']);
  });

  test('is for none that has its images elsewhere by now, whatever was noted', async () => {
    const { bucket, datasetId, put } = await connected();
    await world.connect(datasetId, delegatedTo(role, `${world.newBucket().bucket}/in`));
    const before = counted('ObjectsOutsideDatasets');
    await world.deliver(await put('a.jpg'));
    expect(await world.filesOf(datasetId)).toEqual([]);
    expect(counted('ObjectsOutsideDatasets')).toBe(before + 1);
    expect(world.stage.telemetry.logged.at(-1)?.fields).toMatchObject({ bucket: bucket.bucket });
  });

  test('names the bucket behind an access point', async () => {
    const arn = 'arn:aws:s3:eu-central-1:123456789012:accesspoint/images';
    const datasetId = await world.newDataset(delegatedTo(role, `${arn}/in`));
    await world.configure(datasetId, { input: { eventBucket: 'behind-it' } });
    await world.stage.stores.inputBuckets.add('behind-it', datasetId);
    const order = { by: 'sequencer', sequencer: '01' } as const;
    const event = { kind: 'created', bucket: 'behind-it', key: 'in/a.jpg', order } as const;
    expect(await targetsOf(event, world.stage.deps)).toMatchObject([
      { fileName: 'a.jpg', event: { bucket: arn, key: 'in/a.jpg' } },
    ]);
  });

  test('is not for a store that merely speaks S3 and has a bucket of that name', async () => {
    const bucket = world.newBucket();
    const datasetId = await world.newDataset({
      ...{ type: 'S3', purpose: 'INPUT', fullPath: `s3://${bucket.bucket}`, s3Region: 'eu-central-1' },
      ...{ s3AccessKeyId: 'key', s3SecretAccessKey: 'secret' },
    });
    const order = { by: 'sequencer', sequencer: '01' } as const;
    const event = { kind: 'created', bucket: bucket.bucket, key: 'a.jpg', order } as const;
    expect(await targetsOf(event, world.stage.deps)).toMatchObject([{ fileName: 'a.jpg' }]);
    await world.configure(datasetId, { input: { endpoint: 'https://s3.example.com' } });
    expect(await targetsOf(event, world.stage.deps)).toMatchObject({ outcome: 'ObjectsOutsideDatasets' });
  });

  test('registers an image that has moved along with the datasource, and back, where it is now', async () => {
    const { datasetId, put, file, bucket } = await connected();
    const other = world.newBucket();
    await world.deliver(await put('a.jpg'));
    await world.connect(datasetId, delegatedTo(role, other.bucket));
    await other.put('a.jpg', image);
    // As a sync that compares the bucket with the registry.
    const observed = async () => {
      const { sequencer, eTag } = (await file('a.jpg'))!;
      const order = { by: 'observation', seen: { sequencer, eTag } } as const;
      return { kind: 'created', datasetId, eTag, order } as const;
    };
    await world.deliverEvent({ ...(await observed()), bucket: other.bucket, key: 'a.jpg' });
    expect(await file('a.jpg')).toMatchObject({ state: 'registered', bucket: other.bucket, key: 'a.jpg' });
    await world.connect(datasetId, delegatedTo(role, `${bucket.bucket}/in`));
    await world.deliverEvent({ ...(await observed()), bucket: bucket.bucket, key: 'in/a.jpg' });
    expect(await file('a.jpg')).toMatchObject({ bucket: bucket.bucket, key: 'in/a.jpg' });
  });

  test('of the landing folder is not for a dataset that has its images elsewhere', async () => {
    const { datasetId } = await connected();
    const name = await world.nameOf(datasetId);
    await world.stage.deliver(await world.stage.landing.put(`${name}/a.jpg`, image));
    expect(await world.filesOf(datasetId)).toEqual([]);
    expect(world.stage.telemetry.logged.at(-1)).toMatchObject({
      ...{ level: 'warn', fields: { reason: expect.stringContaining('elsewhere') } },
    });
    expect(await world.stage.keysIn(world.stage.buckets.landing)).toContain(`${name}/a.jpg`);
  });

  test('does not reach a dataset that names a role which is lent to another one', async () => {
    const bucket = world.newBucket();
    const lent = world.newRole();
    const ours = await world.newDataset(delegatedTo(lent, bucket.bucket));
    const theirs = await world.newDataset(
      delegatedTo(lent, bucket.bucket, { s3ExternalId: 'an-id-of-their-own' }),
    );
    await world.deliver(await bucket.put('a.jpg', image));
    expect(await world.filesOf(ours)).toEqual(['a.jpg']);
    expect(await world.fileOf(theirs, 'a.jpg')).toBeUndefined();
    expect(await world.stage.stores.states.get(theirs)).toMatchObject({
      problem: { use: 'INPUT', code: 'ROLE_NOT_ASSUMABLE', scope: 'datasource', fileName: 'a.jpg' },
    });
    expect(await world.heldOf(theirs)).toMatchObject([{ fileName: 'a.jpg' }]);
    expect(await world.stage.stores.states.get(ours)).not.toHaveProperty('problem');
  });

  test('that names a dataset is for that one only, and only while its images are there', async () => {
    const bucket = world.newBucket();
    const [ours, others] = [
      await world.newDataset(delegatedTo(role, `${bucket.bucket}/in`)),
      await world.newDataset(delegatedTo(role, `${bucket.bucket}/in`)),
    ];
    await bucket.put('in/a.jpg', image);
    const observed = { kind: 'created', datasetId: ours, order: { by: 'observation' } } as const;
    await world.deliverEvent({ ...observed, bucket: 'another-bucket', key: 'in/a.jpg' });
    await world.deliverEvent({ ...observed, bucket: bucket.bucket, key: 'elsewhere/a.jpg' });
    expect(await world.filesOf(ours)).toEqual([]);
    await world.deliverEvent({ ...observed, bucket: bucket.bucket, key: 'in/a.jpg' });
    expect([await world.filesOf(ours), await world.filesOf(others)]).toEqual([['a.jpg'], []]);
  });
});

test('events of a bucket are not compared with those of the bucket before it', async () => {
  const lent = world.newRole();
  const [before, now] = [world.newBucket(), world.newBucket()];
  const datasetId = await world.newDataset(delegatedTo(lent, before.bucket));
  const told = (bucket: string, hex: string) => ({
    ...({ kind: 'created', bucket, key: 'a.jpg' } as const),
    order: { by: 'sequencer', sequencer: paddedSequencer(hex) } as const,
  });
  await before.put('a.jpg', image);
  await world.deliverEvent(told(before.bucket, 'f'));
  await world.connect(datasetId, delegatedTo(lent, now.bucket));
  await now.put('a.jpg', image);
  // As a sync that compares the bucket with the registry.
  const { sequencer, eTag } = (await world.fileOf(datasetId, 'a.jpg'))!;
  await world.deliverEvent({
    ...{ kind: 'created', datasetId, bucket: now.bucket, key: 'a.jpg' },
    order: { by: 'observation', seen: { sequencer, eTag } },
  });
  expect(await world.fileOf(datasetId, 'a.jpg')).toMatchObject({ bucket: now.bucket, sequencer: '' });
  await now.put('a.jpg', await photo(7));
  await world.deliverEvent(told(now.bucket, '5'));
  const changed = await world.fileOf(datasetId, 'a.jpg');
  expect(changed).toMatchObject({ bucket: now.bucket, sequencer: paddedSequencer('5') });
  expect(changed?.eTag).not.toBe(eTag);
});

describe('what the filter of a dataset leaves out', () => {
  test('is not registered: in a bucket of somebody’s own, by default, what has not the extension of an image', async () => {
    const { datasetId, put } = await connected();
    const before = counted('ObjectsSkipped');
    await world.deliver(await put('a.jpg'), await put('notes.txt'), await put('b.JPG'));
    expect(await world.filesOf(datasetId)).toEqual(['a.jpg', 'b.JPG']);
    expect(counted('ObjectsSkipped')).toBe(before + 1);
  });

  test('by name and size; what was registered before stays, and goes when it is removed', async () => {
    const { bucket, datasetId, put, file } = await connected();
    await world.deliver(await put('old/a.jpg'));
    await world.configure(datasetId, { input: { exclude: ['old/**'], maxBytes: 100_000 } });
    const big = Buffer.concat([image, Buffer.alloc(100_000)]);
    await world.deliver(await put('old/b.jpg'), await put('c.jpg', big), await put('d.jpg'));
    expect(await world.filesOf(datasetId)).toEqual(['d.jpg', 'old/a.jpg']);
    await world.deliver(await bucket.remove('in/old/b.jpg'), await bucket.remove('in/old/a.jpg'));
    expect(await world.filesOf(datasetId)).toEqual(['d.jpg']);
    expect(await file('old/b.jpg')).toBeUndefined();
    expect(await file('old/a.jpg')).toMatchObject({ state: 'deleted' });
  });

  test('for its age: the object is asked how old it is where the event does not tell', async () => {
    const { datasetId, put } = await connected();
    await world.configure(datasetId, { input: { minAgeSeconds: 3_600 } });
    const event = await put('a.jpg');
    await world.deliver(event);
    expect(await world.filesOf(datasetId)).toEqual([]);
    world.stage.clock.now += 7_200_000;
    await world.deliver(event);
    expect(await world.filesOf(datasetId)).toEqual(['a.jpg']);
    world.stage.clock.now -= 7_200_000;
    world.forget();
  });
});
