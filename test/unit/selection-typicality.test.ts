import { describe, expect, jest, test } from '@jest/globals';
import type { SelectionEntry, SelectionStrategy } from '#contracts/selection-config';
import { Progress } from '#selection/progress';
import { embeddingMatrix } from '#selection/vectors/embedding-matrix';
import { meanNeighbourDistances } from '#selection/vectors/nearest-neighbours';
import { photoLikeEmbeddings, uniformEmbeddings } from '../../bench/synthetic-embeddings.ts';
import { candidatesOf, euclideanDistance } from '../support/selection-candidates.ts';
import { choose, diversity, indexes } from '../support/selection-entries.ts';

const typicality = (rules: Partial<SelectionStrategy> = {}): SelectionEntry => ({
  input: { type: 'EMBEDDINGS' },
  strategy: { ...rules, type: 'TYPICALITY' },
});

const meansOf = (vectors: Float32Array[], k: number) =>
  meanNeighbourDistances(embeddingMatrix(vectors, vectors[0]!.length, 'vector'), k, new Progress(1));

const bruteForce = (vectors: Float32Array[], row: number, k: number): number => {
  const distances = vectors
    .filter((_, at) => at !== row)
    .map((other) => euclideanDistance(other, vectors[row]!))
    .sort((a, b) => a - b);
  return distances.slice(0, k).reduce((sum, distance) => sum + distance, 0) / Math.min(k, distances.length);
};

describe('the mean distance to the nearest neighbours', () => {
  test.each([
    ['photos', photoLikeEmbeddings({ count: 700, dimension: 64, seed: 3 })],
    ['every direction alike', uniformEmbeddings({ count: 300, dimension: 40, seed: 4 })],
    ['fewer than asked for', uniformEmbeddings({ count: 5, dimension: 8, seed: 5 })],
    ['duplicates', Array.from({ length: 90 }, (_, at) => Float32Array.of(at % 3, 0))],
  ])('equals brute force: %s', async (_, vectors) => {
    const means = await meansOf(vectors, 20);
    for (const row of vectors.keys()) expect(means[row]).toBeCloseTo(bruteForce(vectors, row, 20), 5);
  });

  test.each([
    ['exact duplicates', (): Float32Array => Float32Array.of(1, 0, 0)],
    [
      'two cameras that take turns',
      (at: number) =>
        at % 2 === 0 ? Float32Array.of(0, 0, at) : Float32Array.of(Math.cos(at), Math.sin(at), 0),
    ],
  ])('needs far fewer distances than there are pairs: %s', async (_, vectorAt) => {
    const spent = jest.spyOn(Progress.prototype, 'spend');
    const count = 3_600;
    const means = await meansOf(
      Array.from({ length: count }, (__, at) => vectorAt(at)),
      20,
    );
    const work = spent.mock.calls.reduce((sum, [each]) => sum + each, 0);
    spent.mockRestore();
    expect(means.every(Number.isFinite)).toBe(true);
    expect(work).toBeLessThan(0.2 * 3 * count ** 2);
  });

  test('a single row has none', async () => {
    expect([...(await meansOf([Float32Array.of(1)], 20))]).toEqual([0]);
  });
});

describe('typicality', () => {
  /** Four in a dense region, two in a looser one, one far away from all. */
  const line = candidatesOf([[9], [0], [0.1], [0.2], [0.4], [3], [3.5]]);

  test('the densest region first, an outlier last; a negative strength turns it round', async () => {
    expect(indexes(await choose([typicality({ numNearestNeighbors: 2 })], line))).toEqual([
      2, 1, 3, 4, 5, 6, 0,
    ]);
    const outliers = await choose([typicality({ numNearestNeighbors: 2, strength: -1 })], line, 2);
    expect(indexes(outliers)).toEqual([0, 6]);
    expect(outliers.chosen[0]!.reason).toBe('Best by typicality 0.1739.');
  });

  test('an exact duplicate is told in words, for it has no inverse', async () => {
    const twins = candidatesOf([[1], [1], [1], [9]]);
    const { chosen } = await choose([typicality({ numNearestNeighbors: 2 })], twins, 1);
    expect(chosen[0]!.reason).toBe('Best by a mean distance of 0 to its nearest neighbours.');
  });

  test('nothing below the minimum is chosen, whatever the other strategies prefer', async () => {
    const dense = typicality({ numNearestNeighbors: 2, stoppingConditionMinimumTypicality: 2 });
    const result = await choose([dense, diversity(9)], line);
    expect(indexes(result).sort()).toEqual([1, 2, 3, 4]);
    expect(result.stoppedBy).toBe('typicality');
  });

  test('exact duplicates do not erase the other objectives', async () => {
    const candidates = candidatesOf([[0], [0], [0], [5], [5.001]]);
    const result = await choose(
      [typicality({ numNearestNeighbors: 2, strength: 0.01 }), diversity()],
      candidates,
      2,
    );
    expect(indexes(result)).toEqual([0, 4]);
  });
});
