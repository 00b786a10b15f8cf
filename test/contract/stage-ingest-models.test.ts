import '../support/process-float32-array.ts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { BUILT_IN_MODEL } from '#contracts/embedding-models';
import { InvalidInputError } from '#contracts/errors';
import type { RegisteredRawSample } from '#contracts/items';
import { modelDescriptionKey, modelFileKey } from '#contracts/s3-keys';
import { requestMemory } from '#platform/syncs/request-memory';
import { reconcile } from '../../functions/reconcile/reconcile.ts';
import type { ReconcileDeps } from '../../functions/reconcile/reconcile-deps.ts';
import { deliverBody, type IngestStage, startIngestStage } from '../support/ingest-stage.ts';
import { FIRST_DELIVERY } from '../support/lambda-invocation.ts';
import { photo } from '../support/photos.ts';
import { MINUTE, reconcileDepsOver } from '../support/reconcile-stage.ts';
import { tinyOnnxModel } from '../support/tiny-onnx-model.ts';

/** A model of 2 × 2 pixels whose vector is the first pixel. */
const FIRST_PIXEL = Array.from({ length: 12 }, (_, row) =>
  [0, 1, 2].map((channel) => (row === channel * 4 ? 1 : 0)),
);
const DESCRIPTION = {
  ...{ name: 'tiny', version: '1' },
  input: { name: 'pixels', width: 2, height: 2, resize: 'squash' },
  output: { name: 'vector', dimension: 3 },
};
const quick = { isLong: false, leftMs: () => 15 * 60_000 };

let stage: IngestStage;
let deps: Omit<ReturnType<typeof reconcileDepsOver>, 'requests'> & Pick<ReconcileDeps, 'requests'>;
let name: string;
let datasetsMade = 0;

beforeAll(async () => {
  stage = await startIngestStage();
  stage.clock.now = Date.now() + 10 * MINUTE;
  await register(DESCRIPTION);
});
afterAll(() => stage.stop());
/** Each test has a dataset of two images that the built-in model has described and a run has read. */
beforeEach(async () => {
  name = `described-${++datasetsMade}`;
  await stage.deliver(
    await stage.landing.put(`${name}/a.jpg`, await photo(1)),
    await stage.landing.put(`${name}/b.jpg`, await photo(2)),
  );
  for (const file of ['a.jpg', 'b.jpg']) await stage.deps.rawSamples.settle(await image(file));
  deps = reconcileDepsOver(stage);
});

async function register(description: typeof DESCRIPTION): Promise<void> {
  const reference = 'tiny/1';
  const bucket = stage.buckets.platform;
  const file = tinyOnnxModel({ inputShape: [1, 3, 2, 2], weights: FIRST_PIXEL });
  const text = JSON.stringify(description);
  await stage.objects.put({ bucket, key: modelFileKey(reference) }, file, {
    contentType: 'application/octet-stream',
  });
  await stage.objects.put({ bucket, key: modelDescriptionKey(reference) }, text, {
    contentType: 'application/json',
  });
}

const image = async (file: string): Promise<RegisteredRawSample> => {
  const found = await stage.rawSample(name, file);
  if (found?.state !== 'registered') throw new Error(`Expected ${file} to be registered: ${found?.state}`);
  return found;
};
const wantModel = (embeddingModel: string) => stage.configure(name, { ingest: { embeddingModel } });
/** What a round of reconcile asks ingest for, in this dataset. */
async function requested(round = quick) {
  await reconcile(round, deps);
  return deps.ingestQueue
    .take()
    .map(({ message }) => message)
    .filter(({ event }) => event.key.startsWith(`${name}/`));
}
const deliver = async (messages: Awaited<ReturnType<typeof requested>>) => {
  for (const message of messages) await deliverBody(JSON.stringify(message), stage.deps, FIRST_DELIVERY);
};

describe('the model of a dataset', () => {
  test('describes its images: Winnow’s own, or a registered one', async () => {
    expect((await image('a.jpg')).facts.embeddingModel).toBe(BUILT_IN_MODEL);
    await wantModel('tiny/1');
    await stage.deliver(await stage.landing.put(`${name}/c.jpg`, await photo(3)));
    const { facts } = await image('c.jpg');
    expect(facts.embeddingModel).toBe('tiny/1');
    expect(facts.embedding).toHaveLength(3);
    expect(Math.hypot(...facts.embedding)).toBeCloseTo(1, 5);
  });

  test('that is not registered fails the message, and says what is missing', async () => {
    await wantModel('unknown/2');
    const delivered = stage.deliver(await stage.landing.put(`${name}/c.jpg`, await photo(3)));
    await expect(delivered).rejects.toBeInstanceOf(InvalidInputError);
    await expect(delivered).rejects.toThrow(
      /no embedding model 'unknown\/2'.*models\/unknown\/2\/model\.json/,
    );
    expect(await stage.rawSample(name, 'c.jpg')).toBeUndefined();
  });

  test('that was put right is used from then on', async () => {
    await wantModel('late/1');
    const record = await stage.landing.put(`${name}/c.jpg`, await photo(3));
    await expect(stage.deliver(record)).rejects.toBeInstanceOf(InvalidInputError);
    await wantModel('tiny/1');
    await stage.deliver(record);
    expect((await image('c.jpg')).facts.embeddingModel).toBe('tiny/1');
  });
});

describe('changing the model', () => {
  test('describes the images anew, and the next run sees them', async () => {
    const before = await image('a.jpg');
    expect(await requested()).toEqual([]);
    await wantModel('tiny/1');
    const messages = await requested();
    expect(messages.map(({ event }) => event.key).toSorted()).toEqual([`${name}/a.jpg`, `${name}/b.jpg`]);
    expect(deps.telemetry.total('EmbeddingsOutdated')).toBeGreaterThanOrEqual(2);
    await deliver(messages);
    const { facts, pending } = await image('a.jpg');
    expect(facts.embeddingModel).toBe('tiny/1');
    expect({ ...facts, embedding: 0, embeddingModel: 0 }).toEqual({
      ...before.facts,
      ...{ embedding: 0, embeddingModel: 0 },
    });
    expect(pending).toBe(true);
    expect(await requested()).toEqual([]);
  });

  test('leaves an image in its group of near-duplicates; another one in its place is in none', async () => {
    const group = { id: 'a'.repeat(24), representative: 'b.jpg' };
    await stage.deps.rawSamples.regroup(await image('a.jpg'), group);
    await wantModel('tiny/1');
    await deliver(await requested());
    expect(await image('a.jpg')).toMatchObject({ pending: true, group });
    expect(await image('b.jpg')).not.toHaveProperty('group');
    await stage.deliver(await stage.landing.put(`${name}/a.jpg`, await photo(3)));
    expect(await image('a.jpg')).not.toHaveProperty('group');
  });

  test('and back again brings back the very same vectors', async () => {
    const before = await image('a.jpg');
    await wantModel('tiny/1');
    await deliver(await requested());
    await wantModel('built-in');
    await deliver(await requested());
    expect((await image('a.jpg')).facts).toEqual(before.facts);
  });

  test('a message that comes twice does its work once', async () => {
    await wantModel('tiny/1');
    const messages = await requested();
    await deliver(messages);
    const described = await image('a.jpg');
    stage.clock.now += MINUTE;
    await deliver(messages);
    expect(await image('a.jpg')).toEqual(described);
  });

  test('an image that was replaced meanwhile is left to its own event', async () => {
    await wantModel('tiny/1');
    const messages = await requested();
    await stage.deliver(await stage.landing.put(`${name}/a.jpg`, await photo(4)));
    const replaced = await image('a.jpg');
    await deliver(messages);
    expect(await image('a.jpg')).toEqual(replaced);
    expect((await image('b.jpg')).facts.embeddingModel).toBe('tiny/1');
  });

  describe('reads images again', () => {
    let lists: string[];
    let id: string;
    beforeEach(async () => {
      lists = [];
      ({ id } = (await stage.deps.ensureDataset(name))!);
      const { rawSamples } = deps;
      const list = (datasetId: string) => [lists.push(datasetId), rawSamples.list(datasetId)][1] as never;
      const requests = requestMemory({ forMs: 60 * MINUTE, most: 1_000 }, () => stage.clock.now);
      deps = { ...deps, requests, rawSamples: { ...rawSamples, list } };
    });
    /** @returns how many images a round asks for, and how often it reads those of the dataset */
    const inRound = async (round = quick) => {
      lists = [];
      const asked = (await requested(round)).length;
      return { asked, reads: lists.filter((other) => other === id).length };
    };

    test('only while some have another model, and in long rounds', async () => {
      expect(await inRound()).toEqual({ asked: 0, reads: 1 });
      expect(await inRound()).toEqual({ asked: 0, reads: 0 });
      expect(await inRound({ ...quick, isLong: true })).toEqual({ asked: 0, reads: 1 });
    });

    test('not for ever where some can’t be described, as those in an archive', async () => {
      await wantModel('tiny/1');
      expect(await inRound()).toEqual({ asked: 2, reads: 1 });
      expect(await inRound()).toEqual({ asked: 0, reads: 1 });
      expect(await inRound()).toEqual({ asked: 0, reads: 0 });
      stage.clock.now += 2 * 60 * MINUTE;
      expect(await inRound({ ...quick, isLong: true })).toEqual({ asked: 2, reads: 1 });
    });

    test('not while the datasource refuses', async () => {
      await wantModel('tiny/1');
      await deps.datasourceStates.noteProblem(id, 0, {
        ...{ use: 'INPUT', code: 'DENIED', scope: 'datasource', action: 's3:ListBucket', resource: 'arn' },
        ...{ reason: 'Allow it.', seenAt: 1 },
      });
      // A round without time for a trial.
      expect(await inRound({ ...quick, leftMs: () => deps.longestTrialMs - 1 })).toEqual({
        asked: 0,
        reads: 0,
      });
      const can = { canList: true, canRead: true, canWrite: true, canOverwrite: true };
      await deps.datasourceStates.noteVerified(id, 0, { at: 2, ...can });
      expect(await inRound()).toEqual({ asked: 2, reads: 1 });
    });
  });
});
