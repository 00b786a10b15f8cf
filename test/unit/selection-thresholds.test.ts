import { describe, expect, test } from '@jest/globals';
import type { SelectionConfig, SelectionEntry } from '#contracts/selection-config';
import { select } from '#selection/select';
import { choose, diversity, indexes, random, threshold, withValues } from '../support/selection-entries.ts';

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
      { index: 4, reason: 'It has no number at value, and value must be bigger than 1.' },
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
