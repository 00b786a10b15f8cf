import { describe, expect, test } from '@jest/globals';
import type { SelectionEntry } from '#contracts/selection-config';
import { type SelectionQuery, select } from '#selection/select';
import { candidatesOf } from '../support/selection-candidates.ts';
import { diversity, indexes } from '../support/selection-entries.ts';

const datasetId = '0123456789abcdef01234567';
const similar: SelectionEntry = {
  input: { type: 'EMBEDDINGS', datasetId, tagName: 'query' },
  strategy: { type: 'SIMILARITY' },
};
const candidates = candidatesOf([
  [0, 1],
  [1, 1],
  [-2, 0],
  [3, 0.1],
  [0, 0],
]);
const ask = (
  strategies: SelectionEntry[],
  vectors: readonly number[][],
  found: Partial<SelectionQuery> = {},
) => {
  const query = { datasetId, tagName: 'query', vectors: vectors.map((v) => Float32Array.from(v)), ...found };
  return select({ config: { nSamples: 5, strategies }, candidates, preselected: [], queries: [query] });
};

describe('similarity', () => {
  test('prefers the smallest angle to a query vector, whatever their lengths', async () => {
    const result = await ask([similar], [[5, 0]]);
    expect(indexes(result)).toEqual([3, 1, 0, 4, 2]);
    expect(result.chosen[1]!.reason).toBe(
      'Best by cosine similarity 0.7071 to the nearest sample of tag query.',
    );
  });

  test('looks at the nearest of several query vectors', async () => {
    expect(
      indexes(
        await ask(
          [similar],
          [
            [1, 0],
            [-1, 0],
          ],
        ),
      ),
    ).toEqual([2, 3, 1, 0, 4]);
  });

  test('a negative strength prefers what is unlike; the opposite of all queries can still be chosen', async () => {
    const unlike = { ...similar, strategy: { ...similar.strategy, strength: -1 } };
    expect(indexes(await ask([unlike], [[1, 0]]))[0]).toBe(2);
    expect(indexes(await ask([similar, diversity()], [[1, 0]]))).toHaveLength(5);
  });

  test.each([
    ['another tag', { tagName: 'other' }],
    ['another dataset', { datasetId: 'f'.repeat(24) }],
    ['a tag without embeddings', { vectors: [] }],
  ])('%s is refused', async (_, found) => {
    await expect(ask([similar], [[1, 0]], found)).rejects.toThrow(
      `strategies[0].input: there are no embeddings of a tag 'query' of dataset '${datasetId}'.`,
    );
  });

  test('vectors of another model are refused', async () => {
    await expect(ask([similar], [[1, 0, 0]])).rejects.toThrow(
      'embeddings of different models cannot be compared',
    );
  });
});
