import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SelectionConfig, SelectionEntry } from '#contracts/selection-config';
import { type SelectionCandidate, type SelectionResult, select } from '#selection/select';
import { candidatesOf, euclideanDistance } from '../support/selection-candidates.ts';

const indexes = ({ chosen }: SelectionResult): number[] => chosen.map(({ index }) => index);
const weights = (key: string, strength?: number): SelectionEntry => ({
  input: { type: 'METADATA', key },
  strategy: { type: 'WEIGHTS', ...(strength === undefined ? {} : { strength }) },
});
const random = (randomSeed?: number): SelectionEntry => ({
  input: { type: 'RANDOM', ...(randomSeed === undefined ? {} : { randomSeed }) },
  strategy: { type: 'WEIGHTS' },
});
const diversity = (strength = 1): SelectionEntry => ({
  input: { type: 'EMBEDDINGS' },
  strategy: { type: 'DIVERSITY', strength },
});
const threshold = (
  key: string,
  operation: NonNullable<SelectionEntry['strategy']['operation']>,
  limit: number,
): SelectionEntry => ({
  input: { type: 'METADATA', key },
  strategy: { type: 'THRESHOLD', operation, threshold: limit },
});
const choose = (
  strategies: SelectionEntry[],
  candidates: SelectionCandidate[],
  nSamples = 10_000,
  preselected: SelectionCandidate[] = [],
) => select({ config: { nSamples, strategies }, candidates, preselected });
const withValues = (...values: unknown[]) =>
  candidatesOf(
    values.map(() => [0]),
    values.map((value) => ({ value })),
  );

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

describe('thresholds', () => {
  test.each([
    ['SMALLER', [0]],
    ['SMALLER_EQUAL', [0, 1]],
    ['BIGGER', [2]],
    ['BIGGER_EQUAL', [1, 2]],
  ] as const)('%s 2 of 1, 2, 3', async (operation, expected) => {
    const result = await choose([threshold('value', operation, 2)], withValues(1, 2, 3));
    expect(indexes(result)).toEqual(expected);
    expect(result.filteredOut.map(({ index }) => index)).toEqual(
      [0, 1, 2].filter((i) => !expected.includes(i as never)),
    );
  });

  test('come first, all of them have to hold, and each failure is explained', async () => {
    const result = await choose(
      [diversity(), threshold('value', 'BIGGER', 1), threshold('value', 'SMALLER_EQUAL', 3)],
      withValues(0, 2, 4, 3, 'much'),
    );
    expect(indexes(result)).toEqual([1, 3]);
    expect(result.filteredOut).toEqual([
      { index: 0, reason: 'value is 0, which is not bigger than 1.' },
      { index: 2, reason: 'value is 4, which is not smaller than or equal to 3.' },
      { index: 4, reason: 'It has no number at value, which must be bigger than 1.' },
    ]);
    expect(result.stoppedBy).toBe('candidates');
  });

  test('alone they leave the order as it is', async () => {
    const result = await choose([threshold('value', 'BIGGER', 1)], withValues(2, 1, 9, 5), 2);
    expect(indexes(result)).toEqual([0, 2]);
    expect(result.chosen[0]!.reason).toBe(
      'Next by file name, as no strategy prefers one candidate to another.',
    );
  });
});

describe('how many', () => {
  const count = async (config: Partial<SelectionConfig>, candidates: number, filter?: SelectionEntry) => {
    const request = { ...config, strategies: [random(), ...(filter ? [filter] : [])] } as SelectionConfig;
    const values = Array.from({ length: candidates }, (_, index) => index);
    return (await select({ config: request, candidates: withValues(...values), preselected: [] })).chosen
      .length;
  };

  test('a proportion is rounded, at least 1 where there is one, and of all candidates', async () => {
    expect(await count({ proportionSamples: 0.1 }, 343)).toBe(34);
    expect(await count({ proportionSamples: 0.29 }, 100)).toBe(29);
    expect(await count({ proportionSamples: 0.1 }, 3)).toBe(1);
    expect(await count({ proportionSamples: 0.1 }, 0)).toBe(0);
    expect(await count({ proportionSamples: 1 }, 7)).toBe(7);
    expect(await count({ proportionSamples: 0.5 }, 10, threshold('value', 'BIGGER_EQUAL', 3))).toBe(5);
  });

  test('a number of samples is at most that of the candidates', async () => {
    expect(await count({ nSamples: 0 }, 5)).toBe(0);
    expect(await count({ nSamples: 3 }, 5)).toBe(3);
    expect(await count({ nSamples: 9 }, 5)).toBe(5);
    expect(await count({ nSamples: -1, proportionSamples: 0.4 }, 5)).toBe(2);
  });

  test.each([[{}], [{ nSamples: -1 }], [{ nSamples: 5, proportionSamples: 0.1 }]])(
    '%j is refused',
    async (config) => {
      await expect(count(config, 5)).rejects.toMatchObject({
        code: 'INVALID_INPUT',
        message: 'nSamples: give exactly one of nSamples and proportionSamples.',
      });
    },
  );
});
