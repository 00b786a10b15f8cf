import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SelectionConfig } from '#contracts/selection-config';
import { type SelectionCandidate, type SelectionResult, select } from '#selection/select';
import { photoLikeEmbeddings, uniformEmbeddings } from '../../bench/synthetic-embeddings.ts';
import { textbookTraversal } from '../support/farthest-first-textbook.ts';
import { candidatesOf } from '../support/selection-candidates.ts';
import { diversity, indexes, random } from '../support/selection-entries.ts';

const diverse = (nSamples: number, minimum?: number): SelectionConfig => ({
  nSamples,
  strategies: [
    {
      input: { type: 'EMBEDDINGS' },
      strategy: {
        type: 'DIVERSITY',
        ...(minimum === undefined ? {} : { stopping_condition_minimum_distance: minimum }),
      },
    },
  ],
});

/** What a textbook chooses by distance alone. */
function textbook(
  candidates: readonly SelectionCandidate[],
  preselected: readonly Float32Array[],
  target: number,
  first: number,
): { index: number; distance: number | undefined }[] {
  const { choices } = textbookTraversal({
    ...{ vectors: candidates.map(({ embedding }) => embedding), preselected, target, first },
    open: new Uint8Array(candidates.length).fill(1),
    scoreOf: (_, distance) => distance,
    minimumDistance: 0,
  });
  return choices.map(({ position, distance }) => ({ index: position, distance }));
}

const vectorsOf = (coordinate: fc.Arbitrary<number>) =>
  fc.integer({ min: 1, max: 5 }).chain((dimension) =>
    fc.array(fc.array(coordinate, { minLength: dimension, maxLength: dimension }), {
      minLength: 1,
      maxLength: 25,
    }),
  );

describe('diversity equals the textbook', () => {
  test.each([
    ['few values, so ties and duplicates', fc.integer({ min: -2, max: 2 })],
    ['any float32 that is taken', fc.float({ min: Math.fround(-9e29), max: Math.fround(9e29), noNaN: true })],
  ])('on random vectors: %s', async (_, coordinate) => {
    await fc.assert(
      fc.asyncProperty(
        vectorsOf(coordinate),
        fc.nat({ max: 30 }),
        fc.nat({ max: 3 }),
        async (vectors, count, pool) => {
          const all = candidatesOf(vectors);
          const preselected = all.slice(0, Math.min(pool, all.length - 1));
          const candidates = all.slice(preselected.length);
          const result = await select({ config: diverse(count), candidates, preselected });
          const expected = textbook(
            candidates,
            preselected.map(({ embedding }) => embedding),
            count,
            result.chosen[0]?.index ?? 0,
          );
          expect(indexes(result)).toEqual(expected.map(({ index }) => index));
          for (const [step, { distance }] of result.chosen.entries()) {
            expect(distance).toBe(expected[step]!.distance);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test.each([
    ['photo-like vectors, where sketches and the triangle inequality work', photoLikeEmbeddings],
    ['uniform vectors, where they do not', uniformEmbeddings],
  ])('on 1,500 %s', async (_, embeddings) => {
    const vectors = embeddings({ count: 1500, dimension: 97, seed: 7 });
    const candidates = vectors.map((embedding, index) => ({ fileName: `${index}`, embedding, metadata: {} }));
    const preselected = embeddings({ count: 20, dimension: 97, seed: 8 });
    const result = await select({
      config: diverse(60),
      candidates,
      preselected: candidatesOf(preselected.map((embedding) => [...embedding])),
    });
    expect(result.chosen.map(({ index, distance }) => ({ index, distance }))).toEqual(
      textbook(candidates, preselected, 60, 0),
    );
  });

  test('where all of many vectors are the same', async () => {
    const candidates = candidatesOf(Array.from({ length: 1200 }, () => new Array(96).fill(0.25)));
    const result = await select({ config: diverse(100), candidates, preselected: [] });
    expect(indexes(result)).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  test('where vectors lie in fewer dimensions than a sketch has, far from the origin', async () => {
    const vectors = Array.from({ length: 1100 }, (_, index) =>
      Array.from({ length: 128 }, (_, axis) => 1000 + (axis < 2 ? (index * (axis + 3)) % 101 : 0)),
    );
    const candidates = candidatesOf(vectors);
    const result = await select({ config: diverse(70), candidates, preselected: [] });
    const expected = textbook(candidates, [], 70, indexes(result)[0]!);
    expect(indexes(result)).toEqual(expected.map(({ index }) => index));
  });
});

test.each([
  ['alone', []],
  ['with weights', [random(3)]],
])('%s, all at once comes to the same as step by step', async (_, others) => {
  const candidates = photoLikeEmbeddings({ count: 1200, dimension: 100, seed: 13 }).map(
    (embedding, index) => ({
      fileName: `${index}`,
      embedding,
      metadata: {},
    }),
  );
  const request = { candidates: candidates.slice(40), preselected: candidates.slice(0, 40) };
  const once = await select({ ...request, config: { nSamples: 150, strategies: [diversity(1), ...others] } });
  // Two halves of the same objective have the same product, but two objectives that change go step by step.
  const halves = [diversity(0.5), diversity(0.5), ...others];
  const stepwise = await select({ ...request, config: { nSamples: 150, strategies: halves } });
  const facts = ({ chosen }: SelectionResult) => chosen.map(({ index, distance }) => ({ index, distance }));
  expect(facts(once)).toEqual(facts(stepwise));
});

describe('where diversity begins and ends', () => {
  test('begins nearest to the mean, of several with the first, and says so', async () => {
    const candidates = candidatesOf([[0], [10], [4], [6]]);
    const { chosen } = await select({ config: diverse(1), candidates, preselected: [] });
    expect(chosen).toEqual([
      { index: 2, step: 0, reason: 'Nearest to the mean of all candidates, where diversity begins.' },
    ]);
  });

  test('begins far from the datapool where there is one, and never returns it', async () => {
    const preselected = candidatesOf([[0], [1]]);
    const result = await select({
      config: diverse(1),
      candidates: candidatesOf([[1], [0], [7], [5]]),
      preselected,
    });
    expect(result.chosen).toEqual([
      {
        index: 2,
        step: 0,
        distance: 6,
        reason: 'Best by distance 6.0000 to the nearest sample chosen before.',
      },
    ]);
  });

  test('takes duplicates last, lower index first', async () => {
    const candidates = candidatesOf([[0], [0], [5], [5], [9]]);
    const result = await select({ config: diverse(5), candidates, preselected: [] });
    expect(indexes(result)).toEqual([2, 0, 4, 1, 3]);
    expect(result.chosen.map(({ distance }) => distance)).toEqual([undefined, 5, 4, 0, 0]);
  });

  test('ends at the minimum distance, which itself is allowed', async () => {
    const candidates = candidatesOf([[0], [0.25], [0.5], [1]]);
    const at = await select({ config: diverse(4, 0.5), candidates, preselected: [] });
    expect(at.stoppedBy).toBe('distance');
    expect(indexes(at).sort()).toEqual([0, 2, 3]);
    const above = await select({ config: diverse(4, 0.51), candidates, preselected: [] });
    expect(indexes(above)).toEqual([2]);
  });

  test('a datapool sample is as far away as a chosen one has to be', async () => {
    const result = await select({
      config: diverse(5, 1),
      candidates: candidatesOf([[0.9], [-0.5]]),
      preselected: candidatesOf([[0]]),
    });
    expect(result).toEqual({ chosen: [], filteredOut: [], notes: [], stoppedBy: 'distance' });
  });

  test.each([
    [2, 'count'],
    [3, 'count'],
    [4, 'candidates'],
  ])('%i of 3 stops by %s', async (count, stoppedBy) => {
    const result = await select({
      config: diverse(count),
      candidates: candidatesOf([[1], [2], [3]]),
      preselected: [],
    });
    expect(result.stoppedBy).toBe(stoppedBy);
    expect(result.chosen).toHaveLength(Math.min(count, 3));
  });

  test('a negative strength prefers what is near', async () => {
    const config = diverse(2);
    config.strategies[0]!.strategy.strength = -1;
    const candidates = candidatesOf([[5], [1], [3]]);
    expect(indexes(await select({ config, candidates, preselected: candidatesOf([[0]]) }))).toEqual([1, 2]);
  });
});

describe('vectors that cannot be compared', () => {
  test('of different length', async () => {
    const candidates = [...candidatesOf([[1, 2]]), ...candidatesOf([[1]])];
    await expect(select({ config: diverse(1), candidates, preselected: [] })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('Expected 2 values in the embedding of candidate 1 but received 1'),
    });
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('with %d, in the datapool too', async (value) => {
    const request = {
      config: diverse(1),
      candidates: candidatesOf([[1]]),
      preselected: candidatesOf([[value]]),
    };
    await expect(select(request)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      message: expect.stringContaining('preselected sample 0'),
    });
  });
});
