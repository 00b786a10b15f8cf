import { describe, expect, test } from '@jest/globals';
import { type Augmentation, augment } from '#worker/training/augment';
import { type FitSettings, fitProjection } from '#worker/training/fit-projection';
import { project } from '#worker/training/projection-head';
import { seededRandom } from '#worker/training/seeded-random';
import { drawn, textured } from '../support/analysed-images.ts';

const SETTINGS: FitSettings = {
  ...{ seed: 1, outputDimension: 4, epochs: 30, batchSize: 8 },
  ...{ temperature: 0.5, learningRate: 1, weightDecay: 1e-5 },
};
const INPUTS = 16;

/** Unit vectors; the views of an image agree in their last four values only. */
function noisyImages(count: number): Float32Array[][] {
  const random = seededRandom('noisy');
  const values = (length: number) => Array.from({ length }, () => random.between(-1, 1));
  return Array.from({ length: count }, () => {
    const common = values(4);
    return Array.from({ length: 4 }, () => {
      const view = [...values(INPUTS - 4), ...common];
      const length = Math.hypot(...view);
      return Float32Array.from(view, (value) => value / length);
    });
  });
}

/** Share of images whose second view is nearest to their first. */
function recognised(images: readonly Float32Array[][], look: (view: Float32Array) => Float32Array): number {
  const first = images.map(([view]) => look(view!));
  const nearest = images.map(([, view]) => {
    const looked = look(view!);
    const distances = first.map((other) =>
      other.reduce((sum, value, k) => sum + (value - looked[k]!) ** 2, 0),
    );
    return distances.indexOf(Math.min(...distances));
  });
  return nearest.filter((found, image) => found === image).length / images.length;
}

describe('fitting a projection', () => {
  const images = noisyImages(64);
  const held = noisyImages(128).slice(64);

  test('finds what views of one image have in common, in images that it has not seen', async () => {
    const { head, losses } = await fitProjection(images, SETTINGS);
    const [before, after] = [
      recognised(held, (view) => view),
      recognised(held, (view) => project(head, view)),
    ];
    expect(before).toBeLessThan(0.2);
    expect(after).toBeGreaterThan(0.8);
    expect(losses.at(-1)).toBeLessThan(losses[0]! * 0.7);
    const [view = new Float32Array()] = held[0]!;
    expect(Math.hypot(...project(head, view))).toBeCloseTo(1, 5);
  });

  test('gives the same head from the same views and seed, another from another seed', async () => {
    const short = { ...SETTINGS, epochs: 2 };
    const [one, again, other] = [
      await fitProjection(images, short),
      await fitProjection(images, short),
      await fitProjection(images, { ...short, seed: 2 }),
    ];
    expect(again).toEqual(one);
    expect(other.head.weights).not.toEqual(one.head.weights);
  });

  test('tells how far it is, and can be stopped', async () => {
    const shares: number[] = [];
    await fitProjection(images, { ...SETTINGS, epochs: 4 }, (share) => void shares.push(share));
    expect(shares).toEqual([0.25, 0.5, 0.75, 1]);
    const stop = () => Promise.reject(new Error('canceled'));
    await expect(fitProjection(images, SETTINGS, stop)).rejects.toThrow('canceled');
  });
});

describe('augmented views', () => {
  const OFF: Augmentation = {
    ...{ side: 64, minScale: 1, flipAcross: 0, flipDown: 0, grey: 0 },
    jitter: { probability: 0, brightness: 0.7, contrast: 0.7, saturation: 0.7, hue: 0.2 },
    blur: { probability: 0, sigmas: [0.2, 2] },
  };
  const image = textured(96, 72, 1);
  const view = (augmentation: Partial<Augmentation>, seed = 1) =>
    augment(image, { ...OFF, ...augmentation }, seededRandom('view', seed));
  const levels = ({ pixels }: { pixels: Uint8Array }, channel: number) =>
    pixels.filter((_, at) => at % 3 === channel);

  test('are squares of the side that was asked for, the same for the same seed', () => {
    const augmentation = { minScale: 0.2, grey: 0.5, flipAcross: 0.5 };
    expect(view(augmentation)).toMatchObject({ width: 64, height: 64 });
    expect(view(augmentation)).toEqual(view(augmentation));
    expect(view(augmentation, 2)).not.toEqual(view(augmentation));
  });

  test('mirror across, and down', () => {
    const leftRed = drawn(64, 64, (x, y) => [x < 32 ? 200 : 0, y < 32 ? 100 : 0, 0]);
    const corner = (augmentation: Partial<Augmentation>) =>
      augment(leftRed, { ...OFF, ...augmentation }, seededRandom('flip')).pixels.subarray(0, 2);
    const plain = corner({});
    expect([...plain]).toEqual([200, 100]);
    expect([...corner({ flipAcross: 1 })]).toEqual([0, 100]);
    expect([...corner({ flipDown: 1 })]).toEqual([200, 0]);
  });

  test('lose their colour, or change it', () => {
    const grey = view({ grey: 1 });
    expect(levels(grey, 0)).toEqual(levels(grey, 1));
    const recoloured = view({ jitter: { ...OFF.jitter, probability: 1 } });
    expect(recoloured.pixels).not.toEqual(view({}).pixels);
  });

  test('blurred keep their mean and lose their contrast', () => {
    const random = seededRandom('noise');
    const noise = drawn(64, 64, () => [random.below(256), 0, 0]);
    const blurred = { ...OFF, blur: { probability: 1, sigmas: [2, 2] as const } };
    const spread = (pixels: Uint8Array) => {
      const mean = pixels.reduce((sum, level) => sum + level, 0) / pixels.length;
      const variance = pixels.reduce((sum, level) => sum + (level - mean) ** 2, 0) / pixels.length;
      return { mean, variance };
    };
    const hard = spread(levels(noise, 0));
    const soft = spread(levels(augment(noise, blurred, random), 0));
    expect(Math.abs(soft.mean - hard.mean)).toBeLessThan(2);
    expect(soft.variance).toBeLessThan(hard.variance / 10);
  });
});
