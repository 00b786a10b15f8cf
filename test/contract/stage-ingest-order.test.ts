import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RawSample } from '#contracts/items';
import { dyingAfter, ProcessDied } from '../support/dying-process.ts';
import { deliverBody, type IngestStage, startIngestStage } from '../support/ingest-stage.ts';
import { FIRST_DELIVERY, REDELIVERY } from '../support/lambda-invocation.ts';
import { messageOf, type ObjectEventRecord } from '../support/landing.ts';
import { photo as drawPhoto } from '../support/photos.ts';

let stage: IngestStage;
let datasetsMade = 0;
/** The photo of a scene, drawn once. */
const drawn = new Map<number, Promise<Buffer>>();
const photo = (scene: number) => drawn.get(scene) ?? drawn.set(scene, drawPhoto(scene)).get(scene)!;
const newDataset = () => `order-${++datasetsMade}`;

beforeAll(async () => {
  stage = await startIngestStage();
});
afterAll(() => stage.stop());

/** What of a raw sample has to come out the same, whatever way its events took. */
const essence = (found: RawSample | undefined) =>
  found && {
    state: found.state,
    pending: found.pending,
    ...(found.state === 'registered' && { sha256: found.facts.sha256, thumbName: found.thumbName }),
  };

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [first, ...rest]),
  );
}

describe('events in any order and any number', () => {
  test('delivered three times: one state, one intake, one check', async () => {
    const dataset = newDataset();
    const event = await stage.landing.put(`${dataset}/a.jpg`, await photo(1));
    await stage.deliver(event);
    const once = await stage.rawSample(dataset, 'a.jpg');
    stage.clock.now += 1_000;
    await stage.deliver(event, event);
    expect(await stage.rawSample(dataset, 'a.jpg')).toEqual(once);
  });

  test('the same message delivered to three processes at once', async () => {
    const dataset = newDataset();
    const event = await stage.landing.put(`${dataset}/a.jpg`, await photo(1));
    const counted = stage.telemetry.total('ImagesRegistered') ?? 0;
    await Promise.all([stage.deliver(event), stage.deliver(event), stage.deliver(event)]);
    expect(stage.telemetry.total('ImagesRegistered')).toBe(counted + 1);
  });

  const uploadsAndRemovals = {
    'ends with an image': ['put 1', 'remove', 'put 2', 'put 3'],
    'ends with a removal': ['put 1', 'put 2', 'remove'],
    'ends with the first image again': ['put 1', 'put 2', 'put 1'],
  };
  test.each(Object.entries(uploadsAndRemovals))('every order gives the same: %s', async (_name, changes) => {
    const inOrder = newDataset();
    const expected = await outcomeOf(inOrder, changes, (events) => events);
    for (const order of permutations(changes.map((_, index) => index))) {
      const found = await outcomeOf(newDataset(), changes, (events) => order.map((index) => events[index]!));
      expect({ order, found }).toEqual({ order, found: expected });
    }
  });

  /** All changes are made first, as when the stage was down, and their events then delivered in the given order. */
  async function outcomeOf(
    dataset: string,
    changes: readonly string[],
    order: (events: ObjectEventRecord[]) => ObjectEventRecord[],
  ) {
    const key = `${dataset}/a.jpg`;
    const events: ObjectEventRecord[] = [];
    for (const change of changes) {
      const scene = Number(change.replace('put ', ''));
      events.push(
        await (change === 'remove' ? stage.landing.remove(key) : stage.landing.put(key, await photo(scene))),
      );
    }
    // The first upload of a dataset makes it; removals alone do not, so a late one finds nothing to mark.
    await stage.deliver(await stage.landing.put(`${dataset}/other.jpg`, await photo(9)), ...order(events));
    return essence(await stage.rawSample(dataset, 'a.jpg'));
  }
});

describe('an object that changes', () => {
  test('re-uploaded: facts and thumbnail are those of the new bytes, and a run is due', async () => {
    const dataset = newDataset();
    const key = `${dataset}/a.jpg`;
    await stage.deliver(await stage.landing.put(key, await photo(1)));
    const before = await stage.rawSample(dataset, 'a.jpg');
    await stage.deps.rawSamples.settle(before!);
    stage.clock.now += 1;
    await stage.deliver(await stage.landing.put(key, await photo(2)));
    const after = await stage.rawSample(dataset, 'a.jpg');
    expect(after).toMatchObject({ state: 'registered', pending: true });
    expect(essence(after)).not.toEqual(essence(before));
  });

  test('re-uploaded with the same bytes: nothing is due', async () => {
    const dataset = newDataset();
    const key = `${dataset}/a.jpg`;
    await stage.deliver(await stage.landing.put(key, await photo(1)));
    const before = (await stage.rawSample(dataset, 'a.jpg'))!;
    await stage.deps.rawSamples.settle(before);
    await stage.deliver(await stage.landing.put(key, await photo(1)));
    const after = (await stage.rawSample(dataset, 'a.jpg'))!;
    expect(after).toEqual({ ...before, pending: false, sequencer: after.sequencer });
    expect(after.sequencer > before.sequencer).toBe(true);
  });

  test('an old version deleted: nothing changes', async () => {
    const dataset = newDataset();
    const key = `${dataset}/a.jpg`;
    await stage.deliver(await stage.landing.put(key, await photo(1)));
    const before = await stage.rawSample(dataset, 'a.jpg');
    await stage.deliver(stage.landing.removeOldVersion(key));
    expect(essence(await stage.rawSample(dataset, 'a.jpg'))).toEqual(essence(before));
  });

  test('replaced while its event was under way: the old event changes nothing', async () => {
    const dataset = newDataset();
    const key = `${dataset}/a.jpg`;
    const old = await stage.landing.put(key, await photo(1));
    await stage.landing.put(key, await photo(2));
    await stage.deliver(old);
    expect(await stage.rawSample(dataset, 'a.jpg')).toBeUndefined();
  });

  test('replaced while its bytes are analysed: the registry and the thumbnail are those of the new object', async () => {
    const dataset = newDataset();
    const key = `${dataset}/a.jpg`;
    const old = await stage.landing.put(key, await photo(1));
    const analyse: IngestStage['deps']['analyse'] = async (bytes, limits) => {
      const analysis = await stage.deps.analyse(bytes, limits);
      await stage.deliver(await stage.landing.put(key, await photo(2)));
      return analysis;
    };
    let first = true;
    const analyseOnceSlowly: typeof analyse = (...args) => {
      if (!first) return stage.deps.analyse(...args);
      first = false;
      return analyse(...args);
    };
    await deliverBody(messageOf(old), { ...stage.deps, analyse: analyseOnceSlowly }, FIRST_DELIVERY);

    const alone = newDataset();
    await stage.deliver(await stage.landing.put(`${alone}/a.jpg`, await photo(2)));
    expect(essence(await stage.rawSample(dataset, 'a.jpg'))).toEqual(
      essence(await stage.rawSample(alone, 'a.jpg')),
    );
    expect(await thumbnailBytes(dataset)).toEqual(await thumbnailBytes(alone));
  });

  test('restored by reconcile, whose observation holds only for what it saw', async () => {
    const dataset = newDataset();
    const key = `${dataset}/a.jpg`;
    await stage.deliver(await stage.landing.put(`${dataset}/b.jpg`, await photo(9)));
    await stage.landing.put(key, await photo(1));
    const { eTag } = (await stage.objects.head({ bucket: stage.buckets.landing, key }))!;
    const observation = JSON.stringify({
      source: 'winnow',
      event: { kind: 'created', bucket: stage.buckets.landing, key, eTag, order: { by: 'observation' } },
    });
    await deliverBody(observation, stage.deps, FIRST_DELIVERY);
    expect(await stage.rawSample(dataset, 'a.jpg')).toMatchObject({ state: 'registered', sequencer: '' });
    await stage.deliver(await stage.landing.put(key, await photo(2)));
    const newer = await stage.rawSample(dataset, 'a.jpg');
    await deliverBody(observation, stage.deps, FIRST_DELIVERY);
    expect(await stage.rawSample(dataset, 'a.jpg')).toEqual(newer);
  });
});

describe('a process that dies', () => {
  test('between any two calls: the redelivered message ends in the same state, with an intake', async () => {
    const expected = { state: 'registered', pending: true };
    let deaths = 0;
    for (let calls = 0; ; calls++) {
      const dataset = newDataset();
      await stage.configure(dataset, { schedule: { quietPeriodSeconds: 0 } });
      const event = messageOf(await stage.landing.put(`${dataset}/a.jpg`, await photo(1)));
      const { deps, died } = dyingAfter(stage.deps, calls);
      const outcome = await deliverBody(event, deps, FIRST_DELIVERY).catch((error) => error);
      if (!died()) break;
      expect(outcome).toBeInstanceOf(ProcessDied);
      deaths += 1;
      await stage.scheduleChecks();
      await deliverBody(event, stage.deps, REDELIVERY);
      const found = await stage.rawSample(dataset, 'a.jpg');
      expect({ calls, ...essence(found) }).toMatchObject({ calls, ...expected });
      expect(await stage.deps.intake.get(found!.datasetId)).toBeDefined();
      expect(await stage.scheduleChecks()).toEqual([{ datasetId: found!.datasetId }]);
    }
    // Read, open, thumbnail, write, intake and check at least.
    expect(deaths).toBeGreaterThanOrEqual(6);
  });
});

async function thumbnailBytes(datasetName: string): Promise<string> {
  const { id, platformFolder } = (await stage.datasets.findByName(datasetName))!;
  const found = await stage.deps.rawSamples.get(id, 'a.jpg');
  if (found?.state !== 'registered') throw new Error('The image is not registered.');
  const { bucket, prefix } = platformFolder;
  const object = await stage.objects.open({ bucket, key: prefix + found.thumbName });
  return Buffer.concat(await object!.body.toArray()).toString('base64');
}
