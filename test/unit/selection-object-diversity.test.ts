import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SelectionEntry } from '#contracts/selection-config';
import type { SelectionCandidate } from '#selection/select';
import { candidatesOf } from '../support/selection-candidates.ts';
import { choose, indexes, weights } from '../support/selection-entries.ts';

const ofSigns = (minimum?: number): SelectionEntry => ({
  input: { type: 'EMBEDDINGS', task: 'signs' },
  strategy: {
    type: 'DIVERSITY',
    ...(minimum === undefined ? {} : { stopping_condition_minimum_distance: minimum }),
  },
});
/** Images with objects at these places on a line; `undefined` where the task says nothing. */
const withObjects = (...objects: (readonly number[] | undefined)[]): SelectionCandidate[] =>
  candidatesOf(objects.map(() => [0])).map((image, at) => ({
    ...image,
    ...(objects[at] && { crops: { signs: objects[at].map((place) => Float32Array.of(place)) } }),
  }));

describe('diversity of objects', () => {
  test('begins with the image of the most typical object, goes on with the farthest object', async () => {
    const result = await choose([ofSigns()], withObjects([0], [4, 9], [5], [4.5, 30]));
    expect(indexes(result)).toEqual([1, 3, 0, 2]);
    expect(result.chosen.map(({ reason }) => reason)).toEqual([
      'Has the object of task signs nearest to the mean of all, where diversity begins.',
      'Best by an object of task signs at distance 21.0000 to the nearest chosen before.',
      'Best by an object of task signs at distance 4.0000 to the nearest chosen before.',
      'Best by an object of task signs at distance 0.5000 to the nearest chosen before.',
    ]);
  });

  test('a task may be called like a method, and one that only the datapool has objects of has no say', async () => {
    const [image] = withObjects([1]) as [SelectionCandidate];
    const ofMethod: SelectionEntry = {
      input: { type: 'EMBEDDINGS', task: 'toString' },
      strategy: { type: 'DIVERSITY' },
    };
    const known = await choose([ofMethod], [{ ...image, crops: {} }], 1, [image]);
    expect(indexes(known)).toEqual([0]);
    const onlyBefore = await choose([ofSigns()], withObjects(undefined, []), 2, withObjects([1], [2]));
    expect(indexes(onlyBefore)).toEqual([0, 1]);
    expect(onlyBefore.notes).toEqual(['strategies[0]: no candidate has an object of task signs.']);
  });

  test('equals brute force', async () => {
    const places = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(places, { minLength: 2, maxLength: 10 }), places, async (images, pool) => {
        const result = await choose([ofSigns()], withObjects(...images), 10, withObjects(pool));
        const chosen = [...pool];
        const open = new Set(images.keys());
        for (const { index } of result.chosen) {
          const distanceOf = (image: number) =>
            Math.max(
              ...images[image]!.map((place) => Math.min(...chosen.map((other) => Math.abs(place - other)))),
            );
          const best = Math.max(...[...open].map(distanceOf));
          expect(index).toBe([...open].find((image) => distanceOf(image) === best));
          open.delete(index);
          chosen.push(...images[index]!);
        }
        expect(open.size).toBe(0);
      }),
    );
  });

  test('images without objects come last, and never where a minimum distance is asked for', async () => {
    const candidates = withObjects(undefined, [1], [], [7]);
    expect(indexes(await choose([ofSigns()], candidates))).toEqual([1, 3, 0, 2]);
    const limited = await choose([ofSigns(2)], withObjects(undefined, [1], [], [7], [1.5, 8]));
    expect(indexes(limited)).toEqual([3, 1]);
    expect(limited.stoppedBy).toBe('distance');
  });

  test('is a factor beside other strategies', async () => {
    const candidates = withObjects([0], [10], [30]).map((image, at) => ({
      ...image,
      metadata: { w: [4, 2, 1][at] },
    }));
    expect(indexes(await choose([ofSigns(), weights('w')], candidates))).toEqual([0, 2, 1]);
  });

  test('says so where nobody has an object', async () => {
    const result = await choose([ofSigns()], withObjects(undefined, []));
    expect(result.notes).toEqual(['strategies[0]: no candidate has an object of task signs.']);
    expect(indexes(result)).toEqual([0, 1]);
  });
});
