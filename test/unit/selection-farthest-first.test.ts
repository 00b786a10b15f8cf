import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CandidateHeap } from '#selection/farthest-first/candidate-heap';
import { chooseFarthestFirst } from '#selection/farthest-first/farthest-first';
import { NearCentres } from '#selection/farthest-first/near-centres';
import { Progress } from '#selection/progress';
import { photoLikeEmbeddings, uniformEmbeddings } from '../../bench/synthetic-embeddings.ts';
import { type TextbookInput, textbookTraversal } from '../support/farthest-first-textbook.ts';
import { euclideanDistance } from '../support/selection-candidates.ts';

const byDistance = (_: number, distance: number): number => distance;
const allOpen = (vectors: readonly Float32Array[]): Uint8Array => new Uint8Array(vectors.length).fill(1);
const inputOf = (vectors: readonly Float32Array[], rest: Partial<TextbookInput> = {}): TextbookInput => ({
  ...{ vectors, preselected: [], target: vectors.length, open: allOpen(vectors), first: 0 },
  ...{ scoreOf: byDistance, minimumDistance: 0, ...rest },
});

async function expectTextbook(input: TextbookInput): Promise<void> {
  const traversal = await chooseFarthestFirst({ ...input, progress: new Progress(1) });
  expect(traversal).toEqual(textbookTraversal(input));
}

/** Vectors from a seed, so that large ones need not be drawn value by value. */
const vectorsOf = (counts: { max: number }, dimension: fc.Arbitrary<number>) =>
  fc
    .record({
      count: fc.integer({ min: 1, ...counts }),
      dimension,
      seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
      steps: fc.constantFrom(1, 3, 1_000_000),
      scale: fc.constantFrom(1e-42, 1e-3, 1, 1e6, 1e37),
      offset: fc.constantFrom(0, 0, 1, 1000),
    })
    .map(({ count, dimension: length, seed, steps, scale, offset }) =>
      uniformEmbeddings({ count, dimension: length, seed }).map((vector) =>
        // Few steps make ties and duplicates; an offset makes what the vectors differ in small.
        vector.map((value) => (Math.round(value * steps) / steps + offset) * scale),
      ),
    );

describe('the traversal is that of the textbook', () => {
  test('for any dimension, scale, duplicates, datapool, minimum distance and closed candidates', async () => {
    const property = fc.asyncProperty(
      vectorsOf({ max: 40 }, fc.integer({ min: 1, max: 257 })),
      fc.record({
        pool: fc.nat({ max: 9 }),
        target: fc.nat({ max: 45 }),
        minimum: fc.constantFrom(0, 0, 0.3, 1),
        closed: fc.array(fc.nat({ max: 39 }), { maxLength: 5 }),
      }),
      async (vectors, { pool, target, minimum, closed }) => {
        const preselected = vectors.slice(0, Math.min(pool, vectors.length - 1));
        const candidates = vectors.slice(preselected.length);
        const open = allOpen(candidates);
        for (const position of closed) open[position % open.length] = 0;
        const minimumDistance = Math.fround(minimum * euclideanDistance(vectors[0]!, vectors.at(-1)!));
        await expectTextbook(
          inputOf(candidates, { preselected, target, minimumDistance, open, first: open.indexOf(1) }),
        );
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });

  test('where a constant score takes part', async () => {
    const property = fc.asyncProperty(
      vectorsOf({ max: 40 }, fc.integer({ min: 1, max: 40 })),
      fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 40, maxLength: 40 }),
      fc.constantFrom(0.5, 1, 20),
      async (vectors, constants, strength) => {
        const scoreOf = (position: number, distance: number) =>
          constants[position]! + strength * Math.log(Math.max(distance, 2 ** -149));
        await expectTextbook(inputOf(vectors, { scoreOf, minimumDistance: Math.fround(1e-3) }));
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });

  test.each([
    ['photo-like', 33, photoLikeEmbeddings],
    ['photo-like', 129, photoLikeEmbeddings],
    ['photo-like', 257, photoLikeEmbeddings],
    ['uniform', 96, uniformEmbeddings],
  ])('on 1,500 %s vectors of %i values, which are rotated first', async (_, dimension, embeddings) => {
    const vectors = embeddings({ count: 1500, dimension, seed: 11 });
    await expectTextbook(inputOf(vectors, { target: 120, first: 7 }));
    await expectTextbook(inputOf(vectors.slice(100), { target: 60, preselected: vectors.slice(0, 100) }));
  });

  test('where a few vectors are a million times as long as the others', async () => {
    const vectors = photoLikeEmbeddings({ count: 1200, dimension: 64, seed: 5 });
    const stretched = vectors.map((vector, index) =>
      index % 300 === 17 ? vector.map((value) => value * 1e6) : vector,
    );
    await expectTextbook(inputOf(stretched, { target: 40 }));
    await expectTextbook(inputOf(vectors, { target: 40, preselected: stretched.slice(0, 30) }));
  });
});

describe('which centres may be near', () => {
  test('none that is nearer than the distance asked for is left out', () => {
    const property = fc.property(
      vectorsOf({ max: 40 }, fc.integer({ min: 1, max: 130 })),
      fc.nat(),
      (vectors, share) => {
        const near = new NearCentres(vectors, vectors[0]!.length, vectors.length);
        for (const row of vectors.keys()) near.encode(row);
        for (const row of vectors.keys()) near.addRow(row);
        const row = share % vectors.length;
        const distances = vectors.map((vector) => euclideanDistance(vector, vectors[row]!));
        const limit = distances[(share * 7) % vectors.length]!;
        const found: number[] = [];
        for (let at = near.next(row, 0, limit); at >= 0; at = near.next(row, at + 1, limit)) found.push(at);
        const nearer = [...distances.keys()].filter((centre) => distances[centre]! < limit);
        expect(found).toEqual(expect.arrayContaining(nearer));
        expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
      },
    );
    fc.assert(property, { numRuns: 150 });
  });

  test('of photo-like vectors, most others are', () => {
    const vectors = photoLikeEmbeddings({ count: 2000, dimension: 128, seed: 3 });
    const near = new NearCentres(vectors, 128, 1000);
    for (const row of vectors.keys()) near.encode(row);
    for (let row = 0; row < 1000; row++) near.addRow(row);
    const distances = vectors.slice(0, 1000).map((vector) => euclideanDistance(vector, vectors[1500]!));
    const limit = [...distances].sort((a, b) => a - b)[20]!;
    let found = 0;
    for (let at = near.next(1500, 0, limit); at >= 0; at = near.next(1500, at + 1, limit)) found++;
    expect(found).toBeGreaterThanOrEqual(20);
    expect(found).toBeLessThan(100);
  });
});

test('candidates come by falling score, equal ones by position, however scores fall', () => {
  const property = fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1 }), (scores) => {
    const heap = new CandidateHeap(Int32Array.from(scores.keys()), Float64Array.from(scores));
    const left = new Map(scores.entries());
    while (left.size > 0) {
      const [position, score] = [...left].reduce((a, b) => (b[1] > a[1] ? b : a));
      expect(heap.best).toBe(position);
      const lower = score - (position % 3);
      const isBest = [...left].every(
        ([other, its]) => other === position || its < lower || (its === lower && position < other),
      );
      expect(heap.wouldStay(lower)).toBe(isBest);
      if (position % 3 > 0 && score > 0) {
        heap.lowerBest(lower);
        left.set(position, lower);
      } else {
        heap.removeBest();
        left.delete(position);
      }
    }
    expect(heap.best).toBe(-1);
  });
  fc.assert(property);
});
