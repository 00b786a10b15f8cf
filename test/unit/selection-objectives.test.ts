import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SelectionCandidate } from '#selection/select';
import { candidatesOf, euclideanDistance } from '../support/selection-candidates.ts';
import {
  choose,
  diversity,
  indexes,
  random,
  threshold,
  weights,
  withValues,
} from '../support/selection-entries.ts';

describe('the product of objectives', () => {
  const documented = candidatesOf(
    [[21.0], [20.8], [20.5]],
    [10.3, 10.8, 10.9].map((quality) => ({ quality })),
  );
  const origin = candidatesOf([[0]]);

  test('the documented example: 216.30, 224.64 and 223.45', async () => {
    const result = await choose([diversity(), weights('quality')], documented, 1, origin);
    expect(indexes(result)).toEqual([1]);
    expect(result.chosen[0]!.reason).toBe(
      'Best product of 2 objectives: quality 10.8; distance 20.8000 to the nearest sample chosen before.',
    );
  });

  test('a constant factor in one objective changes nothing', async () => {
    const scaled = documented.map((candidate) => ({
      ...candidate,
      metadata: { quality: (candidate.metadata.quality as number) * 1e6 },
    }));
    expect(indexes(await choose([diversity(), weights('quality')], scaled, 1, origin))).toEqual([1]);
  });

  test('strength is an exponent: 3 lets quality win, 0.1 lets distance win', async () => {
    expect(indexes(await choose([diversity(), weights('quality', 3)], documented, 1, origin))).toEqual([2]);
    expect(indexes(await choose([diversity(), weights('quality', 0.1)], documented, 1, origin))).toEqual([0]);
  });

  test('strengths at the ends of the range neither overflow nor vanish', async () => {
    expect(indexes(await choose([weights('quality', 1e9), diversity()], documented, 3, origin))).toEqual([
      2, 1, 0,
    ]);
    expect(indexes(await choose([weights('quality', -1e9), diversity()], documented, 3, origin))).toEqual([
      0, 1, 2,
    ]);
  });

  test('strength 0 switches a strategy off, its stopping distance too', async () => {
    const off = diversity(0);
    off.strategy.stopping_condition_minimum_distance = 100;
    const result = await choose([off, weights('quality')], documented, 3, origin);
    expect(indexes(result)).toEqual([2, 1, 0]);
    expect(result.chosen[0]).not.toHaveProperty('distance');
  });

  test('equals brute force, step by step', async () => {
    const item = fc.record({ x: fc.integer({ min: -50, max: 50 }), quality: fc.integer({ min: 1, max: 9 }) });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(item, { minLength: 2, maxLength: 15, selector: ({ x }) => x }),
        async (items) => {
          const candidates = candidatesOf(
            items.map(({ x }) => [x]),
            items.map(({ quality }) => ({ quality })),
          );
          const { chosen } = await choose([weights('quality'), diversity(2)], candidates);
          const scoreOf = (index: number, before: number[]): number =>
            items[index]!.quality *
            (before.length === 0
              ? 1
              : Math.min(
                  ...before.map((b) =>
                    euclideanDistance(candidates[index]!.embedding, candidates[b]!.embedding),
                  ),
                ) ** 2);
          chosen.forEach(({ index }, step) => {
            const before = chosen.slice(0, step).map((choice) => choice.index);
            const open = items.map((_, at) => at).filter((at) => !before.includes(at));
            const best = Math.max(...open.map((at) => scoreOf(at, before)));
            // Logarithms and products round differently, so equal scores may differ in the last bits.
            expect(scoreOf(index, before)).toBeGreaterThanOrEqual(best * (1 - 1e-12));
          });
          expect(new Set(chosen.map(({ index }) => index)).size).toBe(items.length);
        },
      ),
    );
  });

  test('a weight far below the largest is still more than one that is smaller, and than none', async () => {
    const values = withValues(0, 1e-9, 1e-8, 1e9, -0);
    expect(indexes(await choose([weights('value')], values))).toEqual([3, 2, 1, 0, 4]);
    const shifted = withValues(-1, -0.5, 1e9);
    expect(indexes(await choose([weights('value')], shifted))).toEqual([2, 1, 0]);
  });

  test('vectors so long that no distance can be told are refused', async () => {
    const far = candidatesOf([[3e38], [-3e38]]);
    await expect(choose([diversity()], far)).rejects.toThrow('from -1e+30 to 1e+30');
  });

  test('the order of the strategies does not matter', async () => {
    const value = fc.double({ min: 0.001, max: 1000, noNaN: true });
    const row = fc.record({ a: value, b: value, c: value });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 12 }), async (rows) => {
        const candidates = candidatesOf(
          rows.map(({ a, b }) => [a, b]),
          rows,
        );
        const entries = [weights('a', 0.3), weights('b', 1.7), weights('c', -1), diversity(0.9), random(5)];
        expect(indexes(await choose([...entries].reverse(), candidates))).toEqual(
          indexes(await choose(entries, candidates)),
        );
      }),
      { numRuns: 50 },
    );
  });

  test('a minimum distance holds whatever the other objectives prefer', async () => {
    const near = diversity(1);
    near.strategy.stopping_condition_minimum_distance = 2;
    const candidates = candidatesOf([[0], [1], [2], [5]], [{ w: 5 }, { w: 1e9 }, { w: 1 }, { w: 1 }]);
    const result = await choose([weights('w'), near], candidates);
    expect(indexes(result)).toEqual([1, 3]);
    expect(result.stoppedBy).toBe('distance');
  });
});

describe('weights', () => {
  test('highest first, ties by position', async () => {
    expect(indexes(await choose([weights('value')], withValues(2, 7, 2, 9)))).toEqual([3, 1, 0, 2]);
  });

  test('a negative strength turns the order round', async () => {
    expect(indexes(await choose([weights('value', -2)], withValues(2, 7, 2, 9)))).toEqual([0, 2, 1, 3]);
  });

  test('negative values keep their order', async () => {
    expect(indexes(await choose([weights('value')], withValues(-3, 4, -1, 0)))).toEqual([1, 3, 2, 0]);
  });

  test('a zero does not erase the other objectives', async () => {
    const candidates = candidatesOf([[1], [2], [3]], [{ w: 0 }, { w: 0 }, { w: 4 }]);
    expect(indexes(await choose([weights('w'), diversity()], candidates, 3, candidatesOf([[0]])))).toEqual([
      2, 0, 1,
    ]);
  });

  test.each([
    [1, [2, 0, 1, 3, 4, 5, 6]],
    [-1, [1, 0, 2, 3, 4, 5, 6]],
  ])('with strength %d, what has no number counts like the least wanted', async (strength, expected) => {
    const values = [undefined, 1, 5, '9', Number.NaN, true, { deep: 3 }];
    // With strength 1 the least wanted is 1, with -1 it is 5; ties go by position.
    expect(indexes(await choose([weights('value', strength)], withValues(...values)))).toEqual(expected);
  });

  test.each([
    ['all zero', [0, 0, 0]],
    ['all negative and equal', [-2, -2, -2]],
    ['all missing', [undefined, null, 'x']],
  ])('%s: nobody is preferred', async (_, values) => {
    expect(indexes(await choose([weights('value')], withValues(...values)))).toEqual([0, 1, 2]);
  });

  test.each([[[-1e308, 1e308, 0]], [[0, 5e-324, 1e-323]]])('the largest of %j is first', async (values) => {
    const largest = values.indexOf(Math.max(...values));
    expect(indexes(await choose([weights('value', 2)], withValues(...values)))[0]).toBe(largest);
    expect(indexes(await choose([weights('value'), diversity()], withValues(...values)))[0]).toBe(largest);
  });

  test('a key is a dotted path of own fields', async () => {
    const candidates = candidatesOf([[0], [0]], [{ weather: { wind: 1 } }, { weather: { wind: 3 } }]);
    expect(indexes(await choose([weights('weather.wind')], candidates))).toEqual([1, 0]);
    expect(indexes(await choose([threshold('constructor.length', 'BIGGER', 0)], candidates))).toEqual([]);
  });
});

describe('random', () => {
  const candidates = candidatesOf(Array.from({ length: 200 }, () => [0]));

  test('the same seed gives the same selection, another seed another one', async () => {
    const first = indexes(await choose([random(42)], candidates, 20));
    expect(indexes(await choose([random(42)], candidates, 20))).toEqual(first);
    expect(indexes(await choose([random(43)], candidates, 20))).not.toEqual(first);
    expect(indexes(await choose([random()], candidates, 20))).toEqual(
      indexes(await choose([random(0)], candidates, 20)),
    );
  });

  test('depends on file names only, not on the order of the candidates', async () => {
    const names = async (from: SelectionCandidate[]) =>
      indexes(await choose([random(1)], from, 20)).map((index) => from[index]!.fileName);
    expect(await names([...candidates].reverse())).toEqual(await names(candidates));
  });

  test('every candidate has about the same chance', async () => {
    const counts = new Array(20).fill(0);
    for (let seed = 0; seed < 2000; seed++) {
      for (const index of indexes(await choose([random(seed)], candidates.slice(0, 20), 5))) counts[index]++;
    }
    // Expected 500 each with a standard deviation of 19; seeds are fixed, so the outcome is too.
    expect(Math.min(...counts)).toBeGreaterThan(420);
    expect(Math.max(...counts)).toBeLessThan(580);
  });
});
