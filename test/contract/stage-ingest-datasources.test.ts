import { DeleteObjectCommand, RestoreObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleStore } from '#aws/sample-store';
import type { RegisteredRawSample } from '#contracts/items';
import { datasetSettings } from '#contracts/settings';
import { targetsOf } from '../../functions/ingest/event-targets.ts';
import type { RolePlan } from '../../local/plan-types.ts';
import { someSample } from '../support/documents.ts';
import { deliverBody } from '../support/ingest-stage.ts';
import { delegatedTo, type IngestWorld, startIngestWorld, WRITE } from '../support/ingest-world.ts';
import { FIRST_DELIVERY } from '../support/lambda-invocation.ts';
import { messageOf, type ObjectEventRecord } from '../support/landing.ts';
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

const configure = async (datasetId: string, document: unknown) => {
  const { settingsVersion } = (await world.stage.datasets.get(datasetId))!;
  await world.stage.datasets.replaceSettings(datasetId, datasetSettings.parse(document), settingsVersion);
  world.forget();
};
const counted = (metric: string) => world.stage.telemetry.total(metric) ?? 0;
/** A dataset with a bucket of its own that its owner lends. */
async function connected(options: Parameters<IngestWorld['newBucket']>[0] = {}) {
  const bucket = world.newBucket(options);
  const datasetId = await world.newDataset(delegatedTo(role, `${bucket.bucket}/in`));
  const put = (file: string, ...more: [bytes?: Uint8Array, options?: object]) =>
    bucket.put(`in/${file}`, more[0] ?? image, more[1]);
  return { bucket, datasetId, put, file: (name: string) => world.fileOf(datasetId, name) };
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
    await configure(datasetId, { input: { eventBucket: 'behind-it' } });
    await world.stage.stores.inputBuckets.add('behind-it', datasetId);
    const order = { by: 'sequencer', sequencer: '01' } as const;
    const event = { kind: 'created', bucket: 'behind-it', key: 'in/a.jpg', order } as const;
    expect(await targetsOf(event, world.stage.deps)).toMatchObject([
      { fileName: 'a.jpg', event: { bucket: arn, key: 'in/a.jpg' } },
    ]);
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
    expect(await world.heldOf(theirs)).toMatchObject([{ fileName: 'a.jpg', reason: 'problem' }]);
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
    await configure(datasetId, { input: { exclude: ['old/**'], maxBytes: 100_000 } });
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
    await configure(datasetId, { input: { minAgeSeconds: 3_600 } });
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

describe('what the owner of an object has written on it', () => {
  test('is kept with the image: user metadata and tags', async () => {
    const { put, file } = await connected();
    const plain = { camera: 'left', constructor: '1', 'very-long': 'x'.repeat(1_500) };
    const Metadata = { ...plain, colour: '=?UTF-8?Q?gr=C3=BCn_?= =?UTF-8?B?8J+foiE=?=' };
    const Tagging = 'site=north%20%C3%BC&__proto__=x&empty=';
    await world.deliver(await put('a.jpg', image, { Metadata, Tagging }));
    const found = await file('a.jpg');
    expect(found).toMatchObject({ state: 'registered' });
    expect((found as RegisteredRawSample).objectMetadata).toEqual({
      metadata: { ...plain, colour: 'grün 🟢!' },
      tags: { site: 'north ü', empty: '' },
    });
  });

  test('that may not be read is left out, once with a warning; the image is registered', async () => {
    const [bucket, limited] = [world.newBucket(), world.newRole(['s3:ListBucket', 's3:GetObject'])];
    const datasetId = await world.newDataset(delegatedTo(limited, bucket.bucket));
    const warnings = () => world.stage.telemetry.logged.filter(({ level }) => level === 'warn').length;
    const before = warnings();
    for (const name of ['a.jpg', 'b.jpg']) {
      await world.deliver(await bucket.put(name, image, { Tagging: 'site=north', Metadata: { by: 'me' } }));
    }
    expect(await world.fileOf(datasetId, 'b.jpg')).toMatchObject({
      objectMetadata: { metadata: { by: 'me' } },
    });
    expect(await world.fileOf(datasetId, 'b.jpg')).not.toHaveProperty('objectMetadata.tags');
    expect(warnings() - before).toBeLessThanOrEqual(1);
    expect(await world.heldOf(datasetId)).toEqual([]);
  });

  test('is not asked for where the settings say so', async () => {
    const { datasetId, put, file } = await connected();
    await configure(datasetId, { input: { objectTags: false } });
    await world.deliver(await put('a.jpg', image, { Tagging: 'site=north' }));
    expect(await file('a.jpg')).toMatchObject({ state: 'registered' });
    expect(await file('a.jpg')).not.toHaveProperty('objectMetadata');
  });
});

describe('an object in an archive', () => {
  test('is rejected with the reason, and registered once it is restored', async () => {
    const { bucket, put, file } = await connected();
    const event = await put('a.jpg', image, { StorageClass: 'GLACIER' });
    await world.deliver(event);
    const archived = await file('a.jpg');
    expect(archived).toMatchObject({
      ...{ state: 'rejected', pending: true, size: image.length },
      rejection: { code: 'ARCHIVED', reason: expect.stringContaining('Restore') },
    });
    await world.stage.deps.rawSamples.settle(archived!);
    world.stage.clock.now += 1_000;
    // The event of a restoration says only that something has happened.
    const again = { by: 'observation', again: true, since: world.stage.clock.now } as const;
    const restored = { kind: 'created', bucket: bucket.bucket, key: 'in/a.jpg', order: again } as const;
    await world.deliverEvent(restored);
    expect(await file('a.jpg')).toMatchObject({ state: 'rejected', pending: true });
    await world.s3.send(
      new RestoreObjectCommand({
        ...{ Bucket: bucket.bucket, Key: 'in/a.jpg' },
        RestoreRequest: { Days: 1 },
      }),
    );
    world.stage.clock.now += 1_000;
    await world.deliverEvent({ ...restored, order: { ...again, since: world.stage.clock.now } });
    expect(await file('a.jpg')).toMatchObject({
      ...{ state: 'registered', pending: true, newAt: world.stage.clock.now },
    });
  });

  test('that was read before it moved there keeps its facts', async () => {
    const { bucket, put, file } = await connected();
    await world.deliver(await put('a.jpg'));
    const read = await file('a.jpg');
    // The same bytes, as a rule of the bucket moves them.
    await put('a.jpg', image, { StorageClass: 'DEEP_ARCHIVE' });
    world.stage.clock.now += 1_000;
    const order = { by: 'observation', again: true } as const;
    await world.deliverEvent({ kind: 'created', bucket: bucket.bucket, key: 'in/a.jpg', order });
    expect(await file('a.jpg')).toEqual(read);
  });
});

describe('a bucket with versions', () => {
  const versionOf = ({ s3 }: ObjectEventRecord) =>
    (s3 as { object: { versionId?: string } }).object.versionId!;
  async function twoVersions() {
    const made = await connected({ versioned: true });
    const first = await made.put('a.jpg');
    return { ...made, first, second: await made.put('a.jpg', await photo(2)) };
  }

  test('registers the version that was judged, and in the end the newest', async () => {
    const { first, second, file } = await twoVersions();
    await world.deliver(first);
    expect(await file('a.jpg')).toMatchObject({ state: 'registered', versionId: versionOf(first) });
    await world.deliver(second, first);
    expect(await file('a.jpg')).toMatchObject({ state: 'registered', versionId: versionOf(second) });
  });

  test('may bring an older version to light when one is deleted', async () => {
    const { bucket, first, second, file } = await twoVersions();
    await world.deliver(first, second);
    const remove = (VersionId?: string) =>
      world.s3.send(new DeleteObjectCommand({ Bucket: bucket.bucket, Key: 'in/a.jpg', VersionId }));
    const { VersionId: marker } = await remove();
    await world.deliver(bucket.removeOldVersion('in/a.jpg'));
    expect(await file('a.jpg')).toMatchObject({ state: 'deleted' });
    for (const version of [marker, versionOf(second)]) await remove(version);
    await world.deliver(bucket.removeOldVersion('in/a.jpg'));
    expect(await file('a.jpg')).toMatchObject({ state: 'registered', versionId: versionOf(first) });
  });
});

describe('thumbnails', () => {
  test('go where the dataset has its LIGHTLY datasource, and are no images themselves', async () => {
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

  test('have shorter names where the datasource is so deep that theirs would be too long', async () => {
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

  test('that may not be written there hold the image back until they may', async () => {
    const bucket = world.newBucket();
    const reading = world.newRole();
    const datasetId = await world.newDataset(
      delegatedTo(reading, bucket.bucket, { purpose: 'INPUT_OUTPUT' }),
    );
    await world.deliver(await bucket.put('a.jpg', image));
    expect(await world.fileOf(datasetId, 'a.jpg')).toBeUndefined();
    expect(await world.stage.stores.states.get(datasetId)).toMatchObject({
      problem: { use: 'LIGHTLY', code: 'DENIED', action: 's3:PutObject' },
    });
    world.cloud.foreignRoles.set({ ...world.newRole(WRITE), arn: reading.arn, trust: reading.trust });
    await world.release(datasetId);
    expect(await world.fileOf(datasetId, 'a.jpg')).toMatchObject({ state: 'registered', thumbIn: 'LIGHTLY' });
  });
});

describe('an image that is looked at again', () => {
  test('is read once more though nothing has changed, and only once however often that is delivered', async () => {
    const { bucket, put, file } = await connected();
    await world.deliver(await put('a.jpg', image, { Tagging: 'site=north' }));
    const before = (await file('a.jpg'))!;
    await world.stage.deps.rawSamples.settle(before);
    world.stage.clock.now += 1_000;
    const order = { by: 'observation', again: true, since: world.stage.clock.now } as const;
    const again = { kind: 'created', bucket: bucket.bucket, key: 'in/a.jpg', order } as const;
    world.stage.clock.now += 1_000;
    await world.deliverEvent(again);
    const read = await file('a.jpg');
    expect(read).toEqual({ ...before, registeredAt: world.stage.clock.now });
    world.stage.clock.now += 1_000;
    await world.deliverEvent(again);
    expect(await file('a.jpg')).toEqual(read);
  });
});

describe('an image counts as new', () => {
  /** A sync of the dataset that began an hour ago, and may have ended. */
  const sync = async (datasetId: string, firstFinishedAt?: number) => {
    const at = world.stage.clock.now;
    const counts = { listed: 0, requests: 0, missed: 0, changed: 0, gone: 0, skipped: {} };
    await world.stage.stores.syncs.replace({
      ...{ datasetId, version: 1, id: datasetId, kind: 'compare', scope: {}, place: 'place' },
      ...{ source: 'listing', state: 'RUNNING', startedAt: at, lastProgressAt: at, parts: [], counts },
      ...{ firstStartedAt: at + 3_600_000, ...(firstFinishedAt !== undefined && { firstFinishedAt }) },
    });
    world.forget();
  };
  const observed = async (datasetId: string, bucket: string, at?: number) => {
    const order = { by: 'observation', ...(at !== undefined && { at }) } as const;
    await world.deliverEvent({ kind: 'created', datasetId, bucket, key: 'in/a.jpg', order });
  };

  test('since it was made, where it was there before the first compare began', async () => {
    const { bucket, datasetId, put, file } = await connected();
    await put('a.jpg');
    await sync(datasetId);
    await observed(datasetId, bucket.bucket);
    const found = (await file('a.jpg'))!;
    expect(found.newAt).toBe(found.lastModified);
    // Uploaded again later on, it is new.
    await world.deliver(await put('a.jpg', await photo(2)));
    expect((await file('a.jpg'))!.newAt).toBe(world.stage.clock.now);
  });

  test('since it was registered, where only a later compare has found it', async () => {
    const { bucket, datasetId, put, file } = await connected();
    await put('a.jpg');
    await sync(datasetId, world.stage.clock.now);
    await observed(datasetId, bucket.bucket, world.stage.clock.now + 60_000);
    expect((await file('a.jpg'))!.newAt).toBe(world.stage.clock.now);
  });

  test('as long as before, where it is only uploaded again as it was, or described anew', async () => {
    const { bucket, put, file } = await connected();
    await world.deliver(await put('a.jpg'));
    const { newAt } = (await file('a.jpg'))!;
    world.stage.clock.now += 1_000;
    await world.deliver(await put('a.jpg'));
    const order = { by: 'observation', again: true } as const;
    await world.deliverEvent({ kind: 'created', bucket: bucket.bucket, key: 'in/a.jpg', order });
    const found = (await file('a.jpg'))!;
    expect(found).toMatchObject({ newAt, registeredAt: world.stage.clock.now });
  });
});

describe('a sample whose image is removed', () => {
  test('is no longer available, until the image is there again; also where a process died before it told', async () => {
    const { bucket, datasetId, put } = await connected();
    await sampleStore(world.stage.table).put([someSample(datasetId, 0)]);
    const { fileName } = someSample(datasetId, 0);
    const gone = () => world.stage.stores.availability.countUnavailable(datasetId);
    await world.deliver(await put(fileName));
    const removed = await bucket.remove(`in/${fileName}`);
    const markAvailability = () => Promise.reject(new Error('The process has ended.'));
    const dying = { ...world.stage.deps, sampleAvailability: { markAvailability } };
    const delivered = deliverBody(messageOf(removed), dying, FIRST_DELIVERY);
    await expect(delivered).rejects.toThrow('has ended');
    expect(await gone()).toBe(0);
    await world.deliver(removed);
    expect(await gone()).toBe(1);
    await world.deliver(await put(fileName));
    expect(await gone()).toBe(0);
  });
});
