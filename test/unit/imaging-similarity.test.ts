import { describe, expect, test } from '@jest/globals';
import sharp, { type Sharp } from 'sharp';
import type { ImageFacts } from '#contracts/image-facts';
import { classicalEmbedding } from '#imaging/classical-embedding';
import { differentBits, hashBits } from '#selection/near-duplicates/hash-bits';
import { analysed, drawn, sharpOf } from '../support/analysed-images.ts';

/** Scenes of a few large shapes, all different. */
const scene = (seed: number): Sharp =>
  sharpOf(
    drawn(240, 180, (x, y) => {
      const sky = [(seed * 67) % 256, (seed * 29 + y / 2) % 256, 255 - ((seed * 41) % 200)] as const;
      const [centreX, centreY] = [40 + ((seed * 53) % 160), 30 + ((seed * 37) % 120)];
      if (Math.hypot(x - centreX, y - centreY) < 20 + (seed % 4) * 12) return [(seed * 97) % 256, 220, 40];
      if (x * (seed % 3) + y > 150 + (seed % 7) * 30) return [90, (seed * 19) % 256, 60 + ((x * y) % 40)];
      return sky;
    }),
  );

const factsOf = async (image: Sharp): Promise<ImageFacts> => (await analysed(await image.toBuffer())).facts;
const distance = (a: ImageFacts, b: ImageFacts): number =>
  Math.hypot(...a.embedding.map((value, index) => value - b.embedding[index]!));

const seeds = Array.from({ length: 12 }, (_, index) => index + 1);
const originals = await Promise.all(seeds.map((seed) => factsOf(scene(seed).png())));
const kinds: [string, number, (image: Sharp) => Sharp | Promise<Sharp>][] = [
  ['re-encoded', 6, (image) => image.jpeg({ quality: 50 })],
  ['halved', 6, (image) => image.resize(120, 90).png()],
  ['enlarged', 6, (image) => image.resize(1056, 792).jpeg()],
  ['brightened', 20, (image) => image.modulate({ brightness: 1.12 }).png()],
  ['slightly cropped', 24, (image) => image.extract({ left: 6, top: 4, width: 228, height: 171 }).png()],
];
const copies = await Promise.all(
  kinds.map(async ([kind, mostBits, change]) => {
    const ofSeeds = seeds.map(async (seed) =>
      factsOf(await change(sharp(await scene(seed).png().toBuffer()))),
    );
    return { kind, mostBits, facts: await Promise.all(ofSeeds) };
  }),
);

describe('embedding', () => {
  test('has its length, is normalised and always the same', async () => {
    const [first] = originals as [ImageFacts];
    expect(classicalEmbedding.name).toBe('classical-v2');
    expect(first.embeddingModel).toBe('classical-v2');
    expect(first.embedding).toHaveLength(classicalEmbedding.dimension);
    expect(Math.hypot(...first.embedding)).toBeCloseTo(1, 5);
    expect((await factsOf(scene(1).png())).embedding).toEqual(first.embedding);
  });

  test.each(copies)('a $kind copy is nearer to its original than any other image', ({ facts }) => {
    for (const [index, copy] of facts.entries()) {
      const distances = originals.map((original) => distance(copy, original));
      expect(distances.indexOf(Math.min(...distances))).toBe(index);
    }
  });

  test.each([
    ['one pixel', 1, 1],
    ['one row', 300, 1],
    ['one column', 1, 300],
    ['uniform', 50, 50],
  ])('%s has a vector of length 1', async (_, width, height) => {
    const { embedding } = await factsOf(sharpOf(drawn(width, height, () => [10, 20, 30])).png());
    expect(Math.hypot(...embedding)).toBeCloseTo(1, 5);
  });

  test('uniform images differ by their colour', async () => {
    const [black, alsoBlack, red] = await Promise.all(
      (
        [
          [0, 0, 0],
          [2, 2, 2],
          [220, 20, 20],
        ] as const
      ).map((colour) => factsOf(sharpOf(drawn(40, 40, () => colour)).png())),
    );
    expect(distance(black!, alsoBlack!)).toBeLessThan(0.2);
    expect(distance(black!, red!)).toBeGreaterThan(0.3);
  });
});

const bitsApart = (a: string, b: string): number => differentBits(hashBits([a, b]), 0, 1);

describe('perceptual hash', () => {
  test.each(copies)('a $kind copy differs in at most $mostBits bits', ({ facts, mostBits }) => {
    for (const [index, copy] of facts.entries()) {
      const bits = bitsApart(copy.perceptualHash, originals[index]!.perceptualHash);
      expect(bits).toBeLessThanOrEqual(mostBits);
    }
  });

  test('different images differ in many', () => {
    const pairs = originals.flatMap((a, index) => originals.slice(index + 1).map((b) => [a, b] as const));
    const bits = pairs.map(([a, b]) => bitsApart(a.perceptualHash, b.perceptualHash));
    expect(bits.toSorted((a, b) => a - b)[Math.floor(bits.length / 2)]).toBeGreaterThan(16);
  });

  test('comparing counts bits in both halves', () => {
    expect(bitsApart('0000000000000000', '0000000000000000')).toBe(0);
    expect(bitsApart('0000000000000000', 'ffffffffffffffff')).toBe(64);
    expect(bitsApart('8000000000000001', '0000000000000003')).toBe(2);
  });
});

test('sha256 is that of the bytes', async () => {
  const bytes = await scene(1).png().toBuffer();
  const { createHash } = await import('node:crypto');
  expect((await analysed(bytes)).facts.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
});
