import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SelectionEntry, SelectionStrategy } from '#contracts/selection-config';
import { type SelectionCandidate, select } from '#selection/select';
import { choose, diversity, indexes, threshold, withValues } from '../support/selection-entries.ts';

const summed = (rules: Omit<SelectionStrategy, 'type'>): SelectionEntry => ({
  input: { type: 'METADATA', key: 'value' },
  strategy: { type: 'WEIGHTS', ...rules },
});

describe('a maximum sum', () => {
  test.each([
    [10, [1, 0], 'sum'],
    [9.5, [1, 0], 'sum'],
    [6, [1], 'sum'],
    [0, [], 'sum'],
    [15, [1, 0, 2, 3], 'candidates'],
  ])(
    'of %d ends the selection with the choice that reaches it',
    async (stoppingConditionMaxSum, expected, stop) => {
      const result = await choose([summed({ stoppingConditionMaxSum })], withValues(4, 6, 3, undefined));
      expect(indexes(result)).toEqual(expected);
      expect(result.stoppedBy).toBe(stop);
    },
  );

  test('does not count samples of the datapool, and is off with a strength of 0', async () => {
    const candidates = withValues(4, 6, 3);
    const limited = await choose([summed({ stoppingConditionMaxSum: 5 })], candidates, 10, withValues(9));
    expect(indexes(limited)).toEqual([1]);
    const off = await choose([summed({ stoppingConditionMaxSum: 5, strength: 0 })], candidates);
    expect(indexes(off)).toHaveLength(3);
  });
});

describe('a target range', () => {
  const range = (minSum: number, maxSum: number, strength = 1) =>
    summed({ targetRange: { minSum, maxSum }, strength });

  test('is kept by choosing what leaves room for the number asked for', async () => {
    const result = await choose([range(0, 12)], withValues(9, 8, 1, 2, 3, 5), 4);
    expect(indexes(result)).toEqual([5, 4, 3, 2]);
    expect(result).toMatchObject({ stoppedBy: 'count', notes: [] });
  });

  test('is kept from below, whatever the strength prefers', async () => {
    const result = await choose([range(20, 99, -1)], withValues(9, 8, 1, 2, 3, 5), 3);
    expect(indexes(result).sort()).toEqual([0, 1, 4]);
  });

  test('where fewer fit than are asked for, fewer are chosen', async () => {
    const result = await choose([range(0, 10)], withValues(6, 7, 8, 9), 3);
    expect(indexes(result)).toEqual([3]);
    expect(result.stoppedBy).toBe('range');
  });

  test('out of reach, it says so and chooses all the same', async () => {
    const result = await choose([range(50, 60)], withValues(6, 7, 8), 2);
    expect(indexes(result)).toEqual([2, 1]);
    expect(result.notes).toEqual([
      'strategies[0].strategy.targetRange: the sum of value is 15, below minSum 50.',
    ]);
  });

  test('holds beside diversity', async () => {
    const candidates = withValues(5, 5, 5, 1, 1, 1).map((candidate, at) => ({
      ...candidate,
      embedding: Float32Array.of([50, 100, 0, 52, 51, 49][at]!),
    }));
    const result = await choose([range(0, 7), diversity()], candidates, 3);
    expect(result.chosen).toHaveLength(3);
    expect(indexes(result).filter((index) => index < 3)).toHaveLength(1);
  });

  test('is reached wherever it can be, where it is as wide as the values differ', async () => {
    const values = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(
        values,
        fc.integer({ min: 1, max: 12 }),
        fc.nat(120),
        fc.constantFrom(1, -1),
        async (numbers, wanted, minSum, strength) => {
          const count = Math.min(wanted, numbers.length);
          const sorted = [...numbers].sort((a, b) => a - b);
          const sumOf = (some: readonly number[]) => some.reduce((sum, value) => sum + value, 0);
          const maxSum = minSum + sorted.at(-1)! - sorted[0]!;
          const canBe = sumOf(sorted.slice(0, count)) <= maxSum && sumOf(sorted.slice(-count)) >= minSum;
          fc.pre(canBe);
          const result = await choose([range(minSum, maxSum, strength)], withValues(...numbers), count);
          const sum = sumOf(indexes(result).map((index) => numbers[index]!));
          expect(result.chosen).toHaveLength(count);
          expect(sum).toBeGreaterThanOrEqual(minSum);
          expect(sum).toBeLessThanOrEqual(maxSum);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('scores and numbers of objects', () => {
  const tasks = [
    {
      name: 'cars',
      categories: [
        { id: 1, name: 'car' },
        { id: 2, name: 'bus' },
      ],
    },
  ];
  const images: SelectionCandidate[] = [[1, 1, 2], [], undefined, [2, 2, 2, 2], [1]].map((ids, at) => ({
    ...withValues(0)[0]!,
    fileName: `${at}.jpg`,
    ...(ids && {
      predictions: { cars: ids.map((categoryId) => ({ categoryId, score: 1 })) },
      scores: { cars: { margin: ids.length / 10 } },
    }),
  }));
  const ask = (strategies: SelectionEntry[]) =>
    select({ config: { nSamples: 10, strategies }, candidates: images, preselected: [], tasks });
  const score = { type: 'SCORES', task: 'cars', score: 'margin' } as const;
  const count = { type: 'PREDICTIONS', task: 'cars', name: 'CATEGORY_COUNT' } as const;
  const limit = threshold('x', 'SMALLER_EQUAL', 1).strategy;

  test('are weights: many before few, without any like the fewest', async () => {
    expect(indexes(await ask([{ input: count, strategy: { type: 'WEIGHTS' } }]))).toEqual([3, 0, 4, 1, 2]);
    expect(indexes(await ask([{ input: score, strategy: { type: 'WEIGHTS' } }]))).toEqual([3, 0, 4, 1, 2]);
    const cars = { ...count, categories: ['car'] };
    expect(indexes(await ask([{ input: cars, strategy: { type: 'WEIGHTS' } }]))).toEqual([0, 4, 1, 2, 3]);
  });

  test('are thresholds: what nothing is known of fails', async () => {
    const result = await ask([{ input: { ...count, categories: ['bus', 'car'] }, strategy: limit }]);
    expect(indexes(result)).toEqual([1, 4]);
    expect(result.filteredOut).toEqual([
      {
        index: 0,
        reason: 'number of bus and car of task cars is 3, which is not smaller than or equal to 1.',
      },
      {
        index: 2,
        reason:
          'It has no predictions of task cars, and number of bus and car of task cars must be smaller than or equal to 1.',
      },
      {
        index: 3,
        reason: 'number of bus and car of task cars is 4, which is not smaller than or equal to 1.',
      },
    ]);
    expect(indexes(await ask([{ input: score, strategy: { ...limit, threshold: 0.1 } }]))).toEqual([1, 4]);
  });

  test('that nobody has are named', async () => {
    const entropy = { ...score, score: 'entropy' };
    const { notes } = await ask([{ input: entropy, strategy: { type: 'WEIGHTS' } }]);
    expect(notes).toEqual(['strategies[0]: the candidates have no score entropy of task cars.']);
  });
});
