import { beforeAll, describe, expect, test } from '@jest/globals';
import { InvalidInputError } from '#contracts/errors';
import { trainingConfig } from '#contracts/training-config';
import { classicalEmbedding } from '#imaging/classical-embedding';
import type { EmbeddingModel } from '#imaging/embedding-model';
import { select } from '#selection/select';
import type { AnalysedReference } from '#worker/crops/embed-crops';
import type { RunControl } from '#worker/run-control';
import { LEAST_TRAINING_IMAGES, trainProjection } from '#worker/training/train-projection';
import { analysed } from '../support/analysed-images.ts';
import { photo } from '../support/photos.ts';

const files = new Map<string, Buffer>();
const images: AnalysedReference[] = [];
beforeAll(async () => {
  for (let scene = 0; scene < LEAST_TRAINING_IMAGES; scene++) {
    const fileName = `${scene}.jpg`;
    const bytes = await photo(scene, 120, 80);
    files.set(fileName, bytes);
    images.push({ fileName, bucket: 'landing', key: fileName, facts: (await analysed(bytes)).facts });
  }
}, 120_000);

function control(missing?: string) {
  const shares: number[] = [];
  const warnings: string[] = [];
  const told: RunControl = {
    enter: async () => undefined,
    progress: async (share) => void shares.push(share),
    warn: (message) => void warnings.push(message),
    stopIfCanceled: () => undefined,
    select,
    images: {
      // Earlier files come later, as from a slow bucket.
      read: async ({ fileName }) => {
        await new Promise(setImmediate);
        return fileName === missing ? undefined : files.get(fileName);
      },
      model: async () => classicalEmbedding,
    },
    memory: [],
    now: () => 0,
  };
  return { told, shares, warnings };
}

const settings = (lightly: object = {}) => ({
  training: trainingConfig.parse({ trainer: { maxEpochs: 2 }, ...lightly }),
  task: undefined,
  model: classicalEmbedding,
});

describe('training on the images of a run', () => {
  test('gives the same head in whatever order they come, and tells how far it is', async () => {
    const { told, shares, warnings } = control();
    const one = await trainProjection(images, settings(), told);
    const other = await trainProjection(images.toReversed(), settings(), control().told);
    expect(one?.head).toEqual(other?.head);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBeCloseTo(1);
    expect(warnings).toEqual([]);
  }, 120_000);

  test('is left out where too few can be read', async () => {
    const { told, warnings } = control('3.jpg');
    expect(await trainProjection(images, settings(), told)).toBeUndefined();
    expect(warnings).toEqual([expect.stringMatching(/16 images, and there are 15/)]);
  }, 120_000);

  test('is refused where its steps lead beyond all numbers', async () => {
    let embedded = 0;
    const far: EmbeddingModel = {
      name: 'far',
      dimension: 4,
      embed: async () => Float32Array.from({ length: 4 }, (_, axis) => 1e30 * Math.sin(++embedded + axis)),
    };
    const optimizer = { lr: 10, weightDecay: 1 };
    const given = {
      ...settings({ optimizer, trainer: { maxEpochs: 50 }, model: { numFtrs: 4 } }),
      model: far,
    };
    await expect(trainProjection(images, given, control().told)).rejects.toThrow(
      /^lightly.optimizer: with lr 10 and weightDecay 1 training diverges/,
    );
  }, 120_000);

  test('is refused for more values than the embedding has', async () => {
    const tooMany = trainProjection(images, settings({ model: { numFtrs: 257 } }), control().told);
    await expect(tooMany).rejects.toThrow(InvalidInputError);
    await expect(tooMany).rejects.toThrow(/lightly.model.numFtrs: 257.*at most 256/);
  });
});
