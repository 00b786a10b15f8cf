import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { delegatedTo, type IngestWorld, startIngestWorld } from '../support/ingest-world.ts';
import type { ObjectEventRecord } from '../support/landing.ts';
import { photo as drawPhoto } from '../support/photos.ts';

let world: IngestWorld;
const drawn = new Map<number, Promise<Buffer>>();
const photo = (scene: number) => drawn.get(scene) ?? drawn.set(scene, drawPhoto(scene)).get(scene)!;

/** Each test has a dataset and its bucket. */
let connected: Awaited<ReturnType<IngestWorld['connected']>>;
let datasetId: string;
beforeAll(async () => {
  world = await startIngestWorld();
});
afterAll(() => world.stop());
beforeEach(async () => {
  connected = await world.connected();
  datasetId = connected.datasetId;
});

const put = async (file: string, scene = 1) => connected.put(file, await photo(scene));
const file = (name: string) => world.fileOf(datasetId, name);
const eTagOf = ({ s3 }: ObjectEventRecord) => (s3 as { object: { eTag: string } }).object.eTag;
const digestOf = async (scene: number) =>
  createHash('sha256')
    .update(await photo(scene))
    .digest('hex');

describe('a dataset that is paused', () => {
  let stories = 0;
  const pause = async () => {
    await world.stage.datasets.pause(datasetId, world.stage.clock.now);
    world.forget();
  };
  const resume = async () => {
    await world.stage.datasets.resume(datasetId);
    world.forget();
  };
  test('has its events wait, of each file the newest; what is none of its images does not wait', async () => {
    await pause();
    const events = [await put('a.jpg', 1), await put('a.jpg', 2), await put('b.jpg'), await put('notes.txt')];
    await world.deliver(...[2, 1, 0, 3, 1].map((at) => events[at]!));
    expect(await world.filesOf(datasetId)).toEqual([]);
    const held = (await world.heldOf(datasetId)).sort((one, other) =>
      one.fileName < other.fileName ? -1 : 1,
    );
    expect(held).toMatchObject([
      { fileName: 'a.jpg', event: { datasetId, eTag: eTagOf(events[1]!) } },
      { fileName: 'b.jpg' },
    ]);
    await resume();
    await world.release(datasetId, (all) => all.toReversed());
    expect(await world.filesOf(datasetId)).toEqual(['a.jpg', 'b.jpg']);
    expect(await file('a.jpg')).toMatchObject({ eTag: eTagOf(events[1]!) });
  });

  test('is paused in the landing bucket too', async () => {
    datasetId = await world.newDataset();
    const name = await world.nameOf(datasetId);
    await pause();
    await world.deliver(await world.stage.landing.put(`${name}/a.jpg`, await photo(1)));
    expect(await world.filesOf(datasetId)).toEqual([]);
    await resume();
    await world.release(datasetId);
    expect(await world.filesOf(datasetId)).toEqual(['a.jpg']);
  });

  test('that moves meanwhile has the events of its new place wait, whatever waits of the former one', async () => {
    await pause();
    await world.deliver(await put('a.jpg', 1), await put('a.jpg', 2));
    const moved = world.newBucket();
    await world.connect(datasetId, delegatedTo(connected.role, `${moved.bucket}/in`));
    // Sequencers of different buckets have nothing to do with each other.
    await world.deliver(await moved.put('in/a.jpg', await photo(3)));
    await resume();
    await world.release(datasetId);
    expect(await file('a.jpg')).toMatchObject({ bucket: moved.bucket, state: 'registered' });
  });

  test('ends in the same state in whatever order events come, before, while and after it is paused', async () => {
    const change = fc.record({
      file: fc.constantFrom('a.jpg', 'b.jpg'),
      scene: fc.constantFrom(0, 1, 2),
    });
    const story = fc.record({
      changes: fc.array(change, { minLength: 1, maxLength: 5 }),
      /** Where each change is delivered: before the pause, during it, after it. */
      phases: fc.array(fc.constantFrom(0, 1, 2), { minLength: 5, maxLength: 5 }),
      isReversed: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(story, async ({ changes, phases, isReversed }) => {
        stories += 1;
        const prefix = `story-${stories}/`;
        const { bucket, role } = connected;
        datasetId = await world.newDataset(delegatedTo(role, `${bucket.bucket}/${prefix}`));
        const records: ObjectEventRecord[] = [];
        for (const { file: name, scene } of changes) {
          const key = prefix + name;
          records.push(await (scene === 0 ? bucket.remove(key) : bucket.put(key, await photo(scene))));
        }
        const of = (phase: number) => {
          const chosen = records.filter((_, at) => phases[at] === phase);
          return isReversed ? chosen.toReversed() : chosen;
        };
        await world.deliver(...of(0));
        await pause();
        await world.deliver(...of(1));
        await resume();
        await world.deliver(...of(2));
        await world.release(datasetId, (held) => (isReversed ? held.toReversed() : held));
        for (const name of ['a.jpg', 'b.jpg']) {
          const last = changes.findLast((made) => made.file === name);
          const found = await file(name);
          const sha256 = found?.state === 'registered' ? found.facts.sha256 : found?.state;
          const expected = last && (last.scene === 0 ? 'deleted' : await digestOf(last.scene));
          expect({ name, sha256 }).toEqual({ name, sha256: expected });
        }
      }),
      { numRuns: 10 },
    );
  });
});
