import { DeleteObjectCommand, RestoreObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleStore } from '#aws/sample-store';
import type { RegisteredRawSample } from '#contracts/items';
import { someSample } from '../support/documents.ts';
import { deliverBody } from '../support/ingest-stage.ts';
import { delegatedTo, type IngestWorld, startIngestWorld } from '../support/ingest-world.ts';
import { FIRST_DELIVERY } from '../support/lambda-invocation.ts';
import { messageOf, type ObjectEventRecord } from '../support/landing.ts';
import { photo } from '../support/photos.ts';

let world: IngestWorld;
let image: Buffer;
beforeAll(async () => {
  world = await startIngestWorld();
  image = await photo(1);
});
afterAll(() => world.stop());

/** As {@link IngestWorld.connected}; images are of one scene unless told otherwise. */
async function connected(...options: Parameters<IngestWorld['connected']>) {
  const made = await world.connected(...options);
  const put = (file: string, bytes: Uint8Array = image, written = {}) => made.put(file, bytes, written);
  return { ...made, put };
}

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
    await world.configure(datasetId, { input: { objectTags: false } });
    await world.deliver(await put('a.jpg', image, { Tagging: 'site=north' }));
    expect(await file('a.jpg')).toMatchObject({ state: 'registered' });
    expect(await file('a.jpg')).not.toHaveProperty('objectMetadata');
  });
});

describe('an object in an archive', () => {
  async function archivedAndRestored() {
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
    expect(await file('a.jpg')).toMatchObject({ state: 'rejected', pending: false });
    await world.s3.send(
      new RestoreObjectCommand({
        ...{ Bucket: bucket.bucket, Key: 'in/a.jpg' },
        RestoreRequest: { Days: 1 },
      }),
    );
    world.stage.clock.now += 1_000;
    return { found: (await file('a.jpg'))!, restored, file };
  }

  test('is rejected with the reason, and registered when it is told that it was restored', async () => {
    const { restored, file } = await archivedAndRestored();
    const { now: since } = world.stage.clock;
    await world.deliverEvent({ ...restored, order: { by: 'observation', again: true, since } });
    expect(await file('a.jpg')).toMatchObject({ state: 'registered', pending: true, newAt: since });
  });

  test('is registered when a listing has found it restored: the same object is read again', async () => {
    const { found, restored, file } = await archivedAndRestored();
    const { sequencer, eTag, versionId } = found;
    const order = { by: 'observation', seen: { sequencer, eTag } } as const;
    await world.deliverEvent({ ...restored, eTag, versionId, order });
    expect(await file('a.jpg')).toMatchObject({ state: 'registered', pending: true, eTag });
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
    const firstStartedAt = world.stage.clock.now + 3_600_000;
    const ended = firstFinishedAt !== undefined && { firstFinishedAt };
    await world.listed(datasetId, { state: 'RUNNING', firstStartedAt, ...ended });
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
    // Uploaded again later on, as the event tells, it is new.
    await put('a.jpg', await photo(2));
    const order = { by: 'sequencer', sequencer: 'f'.repeat(32) } as const;
    const bornAt = world.stage.clock.now + 7_200_000;
    await world.deliverEvent({ kind: 'created', bucket: bucket.bucket, key: 'in/a.jpg', bornAt, order });
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

  test('that a sync has found, too: neither that it is gone nor that it is back is lost with a process', async () => {
    const { bucket, datasetId, put, file } = await connected();
    await sampleStore(world.stage.table).put([someSample(datasetId, 0)]);
    const { fileName } = someSample(datasetId, 0);
    const gone = () => world.stage.stores.availability.countUnavailable(datasetId);
    await world.deliver(await put(fileName));
    /** What a sync makes of what it has seen, delivered once to a process that dies and then again. */
    const observed = async (kind: 'created' | 'removed') => {
      const { sequencer, eTag } = (await file(fileName))!;
      const order = { by: 'observation' as const, seen: { sequencer, eTag } };
      const place = { datasetId, bucket: bucket.bucket, key: `in/${fileName}` };
      const event = { kind, ...place, ...(kind === 'created' && { eTag }), order };
      const body = JSON.stringify({ source: 'winnow', event });
      const markAvailability = () => Promise.reject(new Error('The process has ended.'));
      const dying = { ...world.stage.deps, sampleAvailability: { markAvailability } };
      await expect(deliverBody(body, dying, FIRST_DELIVERY)).rejects.toThrow('has ended');
      world.stage.clock.now += 1_000;
      await deliverBody(body, world.stage.deps, { redelivered: true });
    };
    await bucket.remove(`in/${fileName}`);
    await observed('removed');
    expect([(await file(fileName))?.state, await gone()]).toEqual(['deleted', 1]);
    await put(fileName);
    await observed('created');
    expect([(await file(fileName))?.state, await gone()]).toEqual(['registered', 0]);
  });
});
