import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PredictionSingleton } from '#contracts/predictions';
import { scoresOf } from '#selection/active-learning/active-learning-scores';
import { classUncertainty } from '#selection/active-learning/class-uncertainty';

const categories = (count: number) => Array.from({ length: count }, (_, id) => ({ id, name: `class ${id}` }));
const opinion = (probabilities: readonly number[]) => ({ score: 1, probabilities });

describe('the uncertainty between classes', () => {
  test.each([
    ['all on one class', [0, 1, 0, 0], 0, 0, 0],
    ['the same for all', [0.25, 0.25, 0.25, 0.25], 1, 1, 1],
    // 1 - 0.5 of at most 0.75; 1 - (0.5 - 0.25); 1.5 of at most 2 bits.
    ['half on one, the rest on two', [0.5, 0.25, 0.25, 0], 0.5 / 0.75, 0.75, 0.75],
    // 1 - 0.7 of at most 2/3; 1 - (0.7 - 0.2); 1.1568 of at most 1.5850 bits.
    ['of three classes', [0.7, 0.2, 0.1], 0.45, 0.5, 0.729847],
  ])('%s', (_, probabilities, leastConfidence, margin, entropy) => {
    const uncertainty = classUncertainty(opinion(probabilities), probabilities.length);
    expect(uncertainty.uncertainty_least_confidence).toBeCloseTo(leastConfidence, 12);
    expect(uncertainty.uncertainty_margin).toBeCloseTo(margin, 12);
    expect(uncertainty.uncertainty_entropy).toBeCloseTo(entropy, 6);
  });

  test('one probability is that of yes', () => {
    expect(classUncertainty(opinion([0.3]), 1)).toEqual(classUncertainty(opinion([0.3, 0.7]), 2));
    expect(classUncertainty(opinion([0.5]), 1).uncertainty_entropy).toBe(1);
    expect(classUncertainty(opinion([0]), 1).uncertainty_margin).toBe(0);
  });

  test('without probabilities, the other classes share what the score leaves', () => {
    const shared = [0.7, 0.1, 0.1, 0.1];
    const expected = classUncertainty(opinion(shared), 4);
    for (const known of [
      classUncertainty({ score: 0.7 }, 4),
      classUncertainty({ score: 0.7, probabilities: [0, 0, 0, 0] }, 4),
    ]) {
      expect(known.uncertainty_entropy).toBeCloseTo(expected.uncertainty_entropy, 12);
      expect(known.uncertainty_margin).toBeCloseTo(expected.uncertainty_margin, 12);
    }
    expect(classUncertainty({ score: 0.7 }, 1).uncertainty_margin).toBeCloseTo(0.6, 12);
  });

  test('is from 0 to 1 and no NaN, whatever the numbers; a common factor changes nothing', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(share, { minLength: 1, maxLength: 8 }), share, (probabilities, score) => {
        const { length } = probabilities;
        for (const value of Object.values(classUncertainty({ score, probabilities }, length))) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        }
      }),
    );
    const halves = classUncertainty(opinion([0.35, 0.1, 0.05]), 3);
    expect(halves.uncertainty_margin).toBeCloseTo(
      classUncertainty(opinion([0.7, 0.2, 0.1]), 3).uncertainty_margin,
    );
  });
});

const box = (categoryId: number, score: number, probabilities?: number[]): PredictionSingleton => ({
  type: 'OBJECT_DETECTION',
  taskName: 'cars',
  categoryId,
  score,
  bbox: [0, 0, 1, 1],
  ...(probabilities && { probabilities }),
});
const detection = { type: 'OBJECT_DETECTION', categories: categories(2) } as const;
const rounded = (scores: ReadonlyMap<string, number> | undefined) =>
  Object.fromEntries([...(scores ?? [])].map(([name, value]) => [name, Number(value.toFixed(9))]));

describe('scores of object detections', () => {
  const images = new Map([
    ['none.jpg', []],
    ['one.jpg', [box(0, 0.9, [0.9, 0.1])]],
    [
      'many.jpg',
      [box(0, 0.8, [0.8, 0.2]), box(0, 0.4, [0.5, 0.5]), box(0, 0.9, [1, 0]), box(1, 0.5, [0.5, 0.5])],
    ],
  ]);
  const scores = scoresOf(detection, images);

  test('object_frequency counts 1 for the first and 0.25 for each further object of a class, mapped to 0.9 … 1', () => {
    // 0, 1 and 1 + 0.25 + 0.25 + 1 = 2.5
    expect(rounded(scores.get('object_frequency'))).toEqual({
      'none.jpg': 0.9,
      'one.jpg': 0.94,
      'many.jpg': 1,
    });
  });

  test('object_frequency of images with the same count is 1', () => {
    const same = new Map([
      ['a.jpg', [box(0, 1)]],
      ['b.jpg', [box(1, 1)]],
    ]);
    expect(rounded(scoresOf(detection, same).get('object_frequency'))).toEqual({ 'a.jpg': 1, 'b.jpg': 1 });
  });

  test('objectness_least_confidence is 1 less the mean of the scores, and 0 without objects', () => {
    expect(rounded(scores.get('objectness_least_confidence'))).toEqual({
      'none.jpg': 0,
      'one.jpg': 0.1,
      'many.jpg': 0.35,
    });
  });

  test('an image is as uncertain as its most uncertain object', () => {
    expect(rounded(scores.get('uncertainty_margin'))).toEqual({
      'none.jpg': 0,
      'one.jpg': 0.2,
      'many.jpg': 1,
    });
    expect(rounded(scores.get('uncertainty_least_confidence'))).toEqual({
      'none.jpg': 0,
      'one.jpg': 0.2,
      'many.jpg': 1,
    });
  });

  test('no image, no score', () => {
    expect([...scoresOf(detection, new Map()).values()].map(({ size }) => size)).toEqual([0, 0, 0, 0, 0]);
  });

  test('two hundred thousand images need no more stack than one', () => {
    const one = [box(0, 1)];
    const many = new Map(
      Array.from({ length: 200_000 }, (_, at) => [`${at}.jpg`, at === 7 ? [...one, ...one] : one]),
    );
    expect(scoresOf(detection, many).get('object_frequency')?.get('7.jpg')).toBe(1);
  });
});

describe('scores of other tasks', () => {
  test('of a classification are the uncertainties of its probabilities', () => {
    const said: PredictionSingleton = {
      ...{ type: 'CLASSIFICATION', taskName: 'weather', categoryId: 0, score: 0.7 },
      probabilities: [0.7, 0.2, 0.1],
    };
    const scores = scoresOf(
      { type: 'CLASSIFICATION', categories: categories(3) },
      new Map([['a.jpg', [said]]]),
    );
    expect(rounded(scores.get('uncertainty_least_confidence'))).toEqual({ 'a.jpg': 0.45 });
    expect(rounded(scores.get('uncertainty_margin'))).toEqual({ 'a.jpg': 0.5 });
  });

  test('of a segmentation are means over the pixels of its regions', () => {
    const region = (runs: number[], probabilities: number[]): PredictionSingleton => ({
      ...{ type: 'SEMANTIC_SEGMENTATION', taskName: 'road', categoryId: 0, score: 1 },
      segmentation: runs,
      probabilities,
    });
    const schema = { type: 'SEMANTIC_SEGMENTATION', categories: categories(2) } as const;
    const images = new Map([
      // 30 pixels of no uncertainty and 10 of a margin of 1.
      ['a.jpg', [region([5, 20, 5, 10], [1, 0]), region([0, 10, 30], [0.5, 0.5])]],
      ['empty.jpg', [region([40], [0.5, 0.5])]],
      ['none.jpg', []],
    ]);
    expect(rounded(scoresOf(schema, images).get('uncertainty_margin'))).toEqual({
      'a.jpg': 0.25,
      'empty.jpg': 0,
      'none.jpg': 0,
    });
  });

  test('of keypoints is 1 less the mean over instances of the mean confidence of their points', () => {
    const person = (confidences: readonly number[]): PredictionSingleton => ({
      ...{ type: 'KEYPOINT_DETECTION', taskName: 'pose', categoryId: 0, score: 1 },
      keypoints: confidences.flatMap((confidence) => [10, 20, confidence]),
    });
    const images = new Map([
      // Means 0.5 and 0.9.
      ['two.jpg', [person([0.2, 0.8]), person([0.9])]],
      // COCO's 2 is a point that is seen.
      ['coco.jpg', [person([2, 0])]],
      ['none.jpg', []],
    ]);
    const schema = { type: 'KEYPOINT_DETECTION', categories: categories(1) } as const;
    expect(rounded(scoresOf(schema, images).get('mean_uncertainty'))).toEqual({
      'two.jpg': 0.3,
      'coco.jpg': 0.5,
      'none.jpg': 0,
    });
  });
});
