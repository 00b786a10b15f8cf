import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SelectionEntry } from '#contracts/selection-config';
import { type SelectionCandidate, select } from '#selection/select';
import { balance, chiSquare, subsetsOf, withKinds } from '../support/balances.ts';
import { indexes } from '../support/selection-entries.ts';

describe('balance of predictions', () => {
  const tasks = [
    {
      name: 'cars',
      categories: [
        { id: 7, name: 'car' },
        { id: 2, name: 'bus' },
        { id: 5, name: 'tram' },
      ],
    },
  ];
  const counted = { type: 'PREDICTIONS', task: 'cars', name: 'CATEGORY_COUNT' } as const;
  const distributed = { ...counted, name: 'CLASS_DISTRIBUTION' } as const;
  const objects = (...categoryIds: number[]) => categoryIds.map((categoryId) => ({ categoryId, score: 0.5 }));
  const imagesWith = (...all: (SelectionCandidate['predictions'] | undefined)[]): SelectionCandidate[] =>
    withKinds(...all).map((image, at) => ({ ...image, ...(all[at] && { predictions: all[at] }) }));
  const ask = (strategies: SelectionEntry[], candidates: SelectionCandidate[], nSamples: number) =>
    select({ config: { nSamples, strategies }, candidates, preselected: [], tasks });

  test('counts objects by category; images without any come last', async () => {
    const candidates = imagesWith(
      undefined,
      { cars: [] },
      { cars: objects(7, 7, 7) },
      { cars: objects(7, 2, 5) },
      { cars: objects(2, 5) },
    );
    const result = await ask([balance({ distribution: 'UNIFORM' }, counted)], candidates, 5);
    expect(indexes(result)).toEqual([3, 4, 2, 0, 1]);
  });

  test('lets the event loop have a turn while it counts what many images have', async () => {
    const [image] = imagesWith({ cars: objects(7) }) as [SelectionCandidate];
    const images = Array.from({ length: 120_000 }, () => image);
    let turns = 0;
    await select({
      config: { nSamples: 1, strategies: [balance({ distribution: 'UNIFORM' }, counted)] },
      ...{ candidates: images, preselected: [], tasks },
      onProgress: () => {
        turns += 1;
      },
    });
    expect(turns).toBeGreaterThan(0);
  });

  test('only the categories that are named', async () => {
    const candidates = imagesWith(
      { cars: objects(7, 7, 7, 2) },
      { cars: objects(2, 5) },
      { cars: objects(7) },
    );
    const input = { ...counted, categories: ['bus', 'tram'] };
    expect(indexes(await ask([balance({ distribution: 'UNIFORM' }, input)], candidates, 1))).toEqual([1]);
  });

  test('sums probabilities, or confidences where there are none', async () => {
    const certain = [{ categoryId: 7, score: 1, probabilities: [1, 0, 0] }];
    const torn = [{ categoryId: 7, score: 0.4, probabilities: [0.4, 0.3, 0.3] }];
    const uniform = balance({ distribution: 'UNIFORM' }, distributed);
    expect(indexes(await ask([uniform], imagesWith({ cars: certain }, { cars: torn }), 1))).toEqual([1]);
    const sure = [
      { categoryId: 7, score: 0.9 },
      { categoryId: 2, score: 0.1 },
    ];
    const even = [
      { categoryId: 7, score: 0.3 },
      { categoryId: 2, score: 0.3 },
    ];
    expect(indexes(await ask([uniform], imagesWith({ cars: sure }, { cars: even }), 1))).toEqual([1]);
  });

  test('comes near to the best of all subsets', async () => {
    const counts = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3));
    const ratios: number[] = [];
    await fc.assert(
      fc.asyncProperty(fc.array(counts, { minLength: 4, maxLength: 8 }), async (rows) => {
        const candidates = imagesWith(
          ...rows.map(([a, b, c]) => ({
            cars: objects(...Array(a).fill(7), ...Array(b).fill(2), ...Array(c).fill(5)),
          })),
        );
        const result = await ask([balance({ distribution: 'UNIFORM' }, counted)], candidates, 4);
        const distanceWith = (subset: readonly number[]): number => {
          const sums = [0, 1, 2].map((at) => subset.reduce((sum, index) => sum + rows[index]![at]!, 0));
          return sums.some((sum) => sum > 0) ? 1 + chiSquare(sums, [1 / 3, 1 / 3, 1 / 3]) : 3;
        };
        const best = Math.min(...subsetsOf(4, rows.length).map(distanceWith));
        ratios.push(distanceWith(indexes(result)) / best);
      }),
      { numRuns: 300, seed: 7 },
    );
    expect(Math.max(...ratios)).toBeLessThan(1.1);
  });

  test.each([
    [
      balance({ distribution: 'UNIFORM' }, { ...counted, task: 'boats' }),
      "strategies[0].input.task: there are no predictions of a task 'boats' in the dataset. Its tasks are 'cars'.",
    ],
    [
      balance({ distribution: 'UNIFORM' }, { ...counted, categories: ['cat'] }),
      "strategies[0].input.categories: task 'cars' has no category 'cat'. Its categories are 'car', 'bus', 'tram'.",
    ],
    [
      balance({ target: { car: 0.5 } }, { ...counted, categories: ['bus'] }),
      "strategies[0].strategy.target: 'car' is not one of the categories that strategies[0].input.categories leaves: bus.",
    ],
    [
      balance({ target: { cat: 0.5 } }, counted),
      "strategies[0].strategy.target: task 'cars' has no category 'cat'. Its categories are 'car', 'bus', 'tram'.",
    ],
  ])('names what the dataset does not have: %j', async (entry, message) => {
    await expect(ask([entry], imagesWith({ cars: [] }), 1)).rejects.toThrow(message);
  });
});
