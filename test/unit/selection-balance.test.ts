import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { balance, chiSquare, countsOf, subsetsOf, withKinds } from '../support/balances.ts';
import { candidatesOf } from '../support/selection-candidates.ts';
import { choose, diversity, indexes, weights } from '../support/selection-entries.ts';

describe('balance of a categorical value', () => {
  const kinds = [...Array(60).fill('sun'), ...Array(30).fill('rain'), ...Array(10).fill('snow')];

  test('TARGET: what is left to 1 goes to all other classes together', async () => {
    const result = await choose([balance({ target: { snow: 0.2, rain: 0.5 } })], withKinds(...kinds), 20);
    expect(countsOf(result, kinds)).toEqual({ rain: 10, snow: 4, sun: 6 });
  });

  test('UNIFORM: the same share for each; where a class runs out, the others share what is left', async () => {
    const uniform = balance({ distribution: 'UNIFORM' });
    expect(countsOf(await choose([uniform], withKinds(...kinds), 30), kinds)).toEqual({
      sun: 10,
      rain: 10,
      snow: 10,
    });
    expect(countsOf(await choose([uniform], withKinds(...kinds), 50), kinds)).toEqual({
      sun: 20,
      rain: 20,
      snow: 10,
    });
  });

  test('INPUT: as in the candidates', async () => {
    const result = await choose([balance({ distribution: 'INPUT' })], withKinds(...kinds), 10);
    expect(countsOf(result, kinds)).toEqual({ sun: 6, rain: 3, snow: 1 });
  });

  test('preselected samples count as chosen', async () => {
    const result = await choose(
      [balance({ distribution: 'UNIFORM' })],
      withKinds(...kinds),
      11,
      withKinds(...Array(10).fill('sun')),
    );
    expect(countsOf(result, kinds)).toEqual({ rain: 6, snow: 5 });
  });

  test('a class with a target of 0, or beside a target of 1, comes when nothing else is left', async () => {
    for (const target of [
      { rain: 0.5, snow: 0.5 },
      { rain: 0.5, snow: 0.5, sun: 0 },
    ]) {
      const result = await choose([balance({ target })], withKinds('sun', 'rain', 'sun', 'snow', 'rain'));
      expect(indexes(result)).toEqual([1, 3, 4, 0, 2]);
    }
  });

  test('a negative strength leads away from the target', async () => {
    const target = { sun: 0.5, rain: 0.5 };
    const six = ['sun', 'rain', 'rain', 'sun', 'rain', 'sun'];
    const result = await choose([balance({ target, strength: -1 })], withKinds(...six), 3);
    expect(countsOf(result, six)).toEqual({ sun: 3 });
  });

  test('texts, truth values and whole numbers are classes; anything else comes last', async () => {
    const values = [0.5, null, true, 'true', 3, undefined, { a: 1 }];
    const result = await choose([balance({ target: { true: 0.5, 3: 0.5 } })], withKinds(...values));
    expect(indexes(result)).toEqual([2, 4, 3, 0, 1, 5, 6]);
  });

  test('says so where no candidate has a class', async () => {
    const result = await choose([balance({ distribution: 'UNIFORM' })], withKinds(undefined, 0.5));
    expect(result.notes).toEqual(['strategies[0]: no candidate has a class of kind.']);
    expect(indexes(result)).toEqual([0, 1]);
  });

  test('gives the reason', async () => {
    const result = await choose([balance({ target: { snow: 0.2 } })], withKinds(...kinds), 2);
    expect(result.chosen.map(({ reason }) => reason)).toEqual([
      'Best by kind all other classes, of which there is none so far and 80.0 % is wanted.',
      'Best by kind all other classes, of which there is 100.0 % so far and 80.0 % is wanted.',
    ]);
  });

  test('equals the best of all subsets, for every number of samples', async () => {
    const kind = fc.constantFrom('a', 'b', 'c');
    const shares = fc.tuple(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(kind, { minLength: 1, maxLength: 9 }),
        fc.array(kind, { maxLength: 4 }),
        shares,
        fc.integer({ min: 1, max: 9 }),
        async (candidates, pool, [a, b, c], wanted) => {
          const total = a + b + c;
          const target = { a: a / total, b: b / total, c: c / total };
          const count = Math.min(wanted, candidates.length);
          const result = await choose(
            [balance({ target })],
            withKinds(...candidates),
            count,
            withKinds(...pool),
          );
          const distanceWith = (subset: readonly number[]) => {
            const all = [...pool, ...subset.map((index) => candidates[index]!)];
            return chiSquare(
              ['a', 'b', 'c'].map((name) => all.filter((other) => other === name).length),
              Object.values(target),
            );
          };
          const best = Math.min(...subsetsOf(count, candidates.length).map(distanceWith));
          expect(distanceWith(indexes(result))).toBeCloseTo(best, 9);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('with weights and diversity: each choice has the largest product', async () => {
    const row = fc.record({
      kind: fc.constantFrom('sun', 'rain', 'snow'),
      w: fc.integer({ min: 1, max: 5 }),
      x: fc.integer({ min: -99, max: 99 }),
    });
    const target = { sun: 0.2, rain: 0.3, snow: 0.5 };
    const rows = fc.uniqueArray(row, { minLength: 2, maxLength: 12, selector: ({ x }) => x });
    await fc.assert(
      fc.asyncProperty(rows, fc.boolean(), async (items, isDiverse) => {
        const candidates = candidatesOf(
          items.map(({ x }) => [x]),
          items,
        );
        const entries = [balance({ target, strength: 2 }), weights('w'), ...(isDiverse ? [diversity()] : [])];
        const { chosen } = await choose(entries, candidates);
        const square = (indices: readonly number[]) =>
          indices.length === 0
            ? 1
            : 1 +
              chiSquare(
                Object.keys(target).map((kind) => indices.filter((at) => items[at]!.kind === kind).length),
                Object.values(target),
              );
        const productOf = (index: number, before: readonly number[]) => {
          const balanced = (square(before) / square([...before, index])) ** ((before.length + 1) / 2);
          const distances = before.map((other) => Math.abs(items[index]!.x - items[other]!.x));
          return (
            balanced ** 2 * items[index]!.w * (isDiverse && before.length > 0 ? Math.min(...distances) : 1)
          );
        };
        chosen.forEach(({ index }, step) => {
          const before = chosen.slice(0, step).map((choice) => choice.index);
          const open = items.map((_, at) => at).filter((at) => !before.includes(at));
          const best = Math.max(...open.map((at) => productOf(at, before)));
          expect(productOf(index, before)).toBeGreaterThanOrEqual(best * (1 - 1e-9));
        });
        expect(chosen).toHaveLength(items.length);
      }),
    );
  });
});
