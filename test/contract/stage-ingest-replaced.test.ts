import { RestoreObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleStore } from '#aws/sample-store';
import type { RegisteredRawSample } from '#contracts/items';
import { isDescribed } from '#platform/samples/raw-samples';
import { collect, someSample } from '../support/documents.ts';
import { deliverBody } from '../support/ingest-stage.ts';
import { type IngestWorld, startIngestWorld } from '../support/ingest-world.ts';
import { FIRST_DELIVERY } from '../support/lambda-invocation.ts';
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

describe('a registered image that moves to an archive', () => {
  /** The very same object, as a rule of the bucket moves it: no event tells. */
  async function archived() {
    const { bucket, datasetId, put, file } = await connected();
    await sampleStore(world.stage.table).put([someSample(datasetId, 0)]);
    const { fileName } = someSample(datasetId, 0);
    await world.deliver(await put(fileName));
    const read = (await file(fileName))!;
    await put(fileName, image, { StorageClass: 'DEEP_ARCHIVE' });
    const place = { bucket: bucket.bucket, key: `in/${fileName}` };
    /** As a sync tells what it has listed. */
    const listed = async (archive?: 'entered') => {
      world.stage.clock.now += 1_000;
      const { sequencer, eTag } = (await file(fileName))!;
      const order = { by: 'observation', seen: { sequencer, eTag } } as const;
      await world.deliverEvent({
        kind: 'created',
        datasetId,
        ...place,
        eTag,
        ...(archive && { archive }),
        order,
      });
    };
    const noticed = async (archive?: 'left') => {
      world.stage.clock.now += 1_000;
      const order = { by: 'observation', again: true, since: world.stage.clock.now } as const;
      await world.deliverEvent({ kind: 'created', ...place, ...(archive && { archive }), order });
    };
    const restore = () =>
      world.s3.send(
        new RestoreObjectCommand({ Bucket: place.bucket, Key: place.key, RestoreRequest: { Days: 1 } }),
      );
    const now = async () => {
      const [found, { availability }] = [
        (await file(fileName))!,
        (await sampleStore(world.stage.table).get(datasetId, 0))!,
      ];
      const { countPending, list, listPending } = world.stage.deps.rawSamples;
      return {
        ...{ state: found.state, pending: found.pending, isKept: isDescribed(found) && found.facts },
        isAvailable: availability?.isAvailable,
        candidates: [
          await countPending(datasetId, 10),
          (await collect(listPending(datasetId, world.stage.clock.now))).length,
          (await collect(list(datasetId))).length,
        ],
      };
    };
    return { datasetId, fileName, put, file, read, listed, noticed, restore, now };
  }
  const IN_ARCHIVE = { state: 'archived', pending: true, isAvailable: false, candidates: [0, 0, 0] };
  const THERE = { state: 'registered', pending: true, isAvailable: true, candidates: [1, 1, 1] };

  test('is no candidate and not available, and comes back without being read, as a listing tells', async () => {
    const { datasetId, fileName, file, read, listed, restore, now } = await archived();
    await listed('entered');
    const { facts } = read as RegisteredRawSample;
    expect(await now()).toEqual({ ...IN_ARCHIVE, isKept: facts });
    expect((await sampleStore(world.stage.table).get(datasetId, 0))?.availability?.reason).toBe('archived');
    const told = await file(fileName);
    await listed('entered');
    // The archives of some storage classes show in no listing: the object itself is asked.
    await listed();
    expect(await file(fileName)).toEqual(told);
    await restore();
    const analyse = () => Promise.reject(new Error('It is not to be read.'));
    const { deps } = world.stage;
    const { sequencer, eTag } = (await file(fileName))!;
    const order = { by: 'observation', seen: { sequencer, eTag } } as const;
    const event = { kind: 'created', datasetId, bucket: read.bucket, key: read.key, eTag, order };
    world.stage.clock.now += 1_000;
    const body = JSON.stringify({ source: 'winnow', event });
    await deliverBody(body, { ...deps, analyse }, FIRST_DELIVERY);
    expect(await now()).toEqual({ ...THERE, isKept: facts });
    expect(await file(fileName)).toMatchObject({ newAt: (read as { newAt?: number }).newAt });
  });

  test('comes back when an event tells that it was restored, and what a run had read is read', async () => {
    const { listed, noticed, restore, now, read } = await archived();
    await world.stage.deps.rawSamples.settle(read);
    await listed('entered');
    expect(await now()).toMatchObject({ ...IN_ARCHIVE, pending: false });
    // Tags that were changed in there say nothing of it.
    await noticed();
    expect(await now()).toMatchObject({ ...IN_ARCHIVE, pending: false });
    await restore();
    await noticed('left');
    expect(await now()).toMatchObject({ ...THERE, pending: false, candidates: [0, 0, 1] });
    const restored = await world.stage.deps.rawSamples.get(read.datasetId, read.fileName);
    await noticed('left');
    expect(await world.stage.deps.rawSamples.get(read.datasetId, read.fileName)).toEqual(restored);
  });

  test('is found to be there when it is read again, and comes back when it is put there as it was', async () => {
    const { fileName, put, noticed, now } = await archived();
    await noticed();
    expect(await now()).toMatchObject(IN_ARCHIVE);
    await world.deliver(await put(fileName));
    expect(await now()).toMatchObject(THERE);
  });

  test('gives way to another image that comes in its place', async () => {
    const { fileName, put, file, listed, now } = await archived();
    await listed('entered');
    await world.deliver(await put(fileName, await photo(2)));
    expect(await now()).toMatchObject(THERE);
    const { facts } = (await file(fileName)) as RegisteredRawSample;
    expect(facts.metadata.sizeInBytes).toBe((await photo(2)).length);
  });
});

describe('an image that is overwritten by what the filter leaves out', () => {
  const SMALL = Buffer.from('small');
  /** It is registered and a sample; from now on only what has at least so many bytes is an image. */
  async function registered(minBytes = 1_000) {
    const made = await connected();
    const { datasetId, put, file } = made;
    await sampleStore(world.stage.table).put([someSample(datasetId, 0)]);
    const { fileName } = someSample(datasetId, 0);
    await world.deliver(await put(fileName));
    await world.configure(datasetId, { input: { minBytes } });
    const gone = () => world.stage.stores.availability.countUnavailable(datasetId);
    return { ...made, fileName, gone, state: async () => (await file(fileName))?.state };
  }

  test('is gone, and its sample is not available, until there is an image again', async () => {
    const { fileName, put, state, gone } = await registered();
    const event = await put(fileName, SMALL);
    await world.deliver(event);
    expect([await state(), await gone()]).toEqual(['deleted', 1]);
    await world.deliver(event);
    expect([await state(), await gone()]).toEqual(['deleted', 1]);
    await world.deliver(await put(fileName));
    expect([await state(), await gone()]).toEqual(['registered', 0]);
  });

  test('is gone though only the object itself tells its size, as what a deleted version brings to light does', async () => {
    const { bucket, fileName, put, state } = await registered();
    await put(fileName, SMALL);
    const key = `in/${fileName}`;
    const order = { by: 'sequencer', sequencer: 'f'.repeat(32) } as const;
    await world.deliverEvent({ kind: 'created', bucket: bucket.bucket, key, order });
    expect(await state()).toBe('deleted');
    const other = await registered();
    await other.put(other.fileName, SMALL);
    await world.deliver(other.bucket.removeOldVersion(`in/${other.fileName}`));
    expect(await other.state()).toBe('deleted');
  });

  test('stays while its bytes are the same, and where the event is history', async () => {
    const { bucket, fileName, put, state, gone } = await registered(1_000_000);
    await world.deliver(await put(fileName));
    await world.deliver(bucket.removeOldVersion(`in/${fileName}`));
    const order = { by: 'sequencer', sequencer: '0'.repeat(32) } as const;
    const late = { kind: 'created', bucket: bucket.bucket, key: `in/${fileName}`, eTag: 'x', size: 5, order };
    await world.deliverEvent(late as never);
    expect([await state(), await gone()]).toEqual(['registered', 0]);
  });

  test('is gone when the dataset is worked on again, where it is paused', async () => {
    const { datasetId, fileName, put, state } = await registered();
    await world.stage.datasets.pause(datasetId, world.stage.clock.now);
    world.forget();
    await world.deliver(await put(fileName, SMALL));
    expect([await state(), (await world.heldOf(datasetId)).length]).toEqual(['registered', 1]);
    await world.stage.datasets.resume(datasetId);
    await world.release(datasetId);
    expect(await state()).toBe('deleted');
  });
});
