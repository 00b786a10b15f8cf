import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { drawPhotos } from '../../cli/demo/draw-photos.ts';
import { findImages } from '../../cli/demo/find-images.ts';
import { analysed, outcomeOf } from '../support/analysed-images.ts';

let folder: string;
let files: Map<string, Buffer>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'winnow-drawn-'));
  files = await draw('first');
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Draws the set and returns its files by name. */
async function draw(name: string): Promise<Map<string, Buffer>> {
  await drawPhotos(join(folder, name));
  const found = await findImages(join(folder, name));
  return new Map(found.files.map(({ path, fileName }) => [fileName, readFileSync(path)]));
}
const sha256Of = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
const named = (pattern: RegExp): [string, Buffer][] => [...files].filter(([name]) => pattern.test(name));
/** The photo that a copy, a burst shot or a blurred or broken file was made of. */
const originalOf = (name: string): Buffer =>
  files.get(name.replace(/-(burst|copy|small|blurred|broken).*/, '.jpg'))!;

describe('the drawn photo set', () => {
  test('is the same every time', async () => {
    const second = await draw('second');
    expect([...second].map(([name, bytes]) => [name, sha256Of(bytes)])).toEqual(
      [...files].map(([name, bytes]) => [name, sha256Of(bytes)]),
    );
  }, 60_000);

  test('holds exact copies under other names, and no others', () => {
    const copies = named(/-copy\./);
    expect(copies.length).toBeGreaterThan(5);
    for (const [name, bytes] of copies) expect(bytes.equals(originalOf(name))).toBe(true);
    expect(new Set([...files.values()].map(sha256Of)).size).toBe(files.size - copies.length);
  });

  test('holds near-duplicates: not the same bytes, and nearer to their photo than to any other scene', async () => {
    const near = named(/-(burst-1|small)\./);
    expect(near.length).toBeGreaterThan(10);
    const photos = named(/photo-\d+\.jpg$/);
    const embeddings = new Map<Buffer, readonly number[]>();
    for (const [, bytes] of photos) embeddings.set(bytes, await embeddingOf(bytes));
    for (const [name, bytes] of near) {
      const embedding = await embeddingOf(bytes);
      const original = originalOf(name);
      expect(bytes.equals(original)).toBe(false);
      const [nearest] = photos
        .map(([, photo]) => photo)
        .toSorted(
          (a, b) => distance(embedding, embeddings.get(a)!) - distance(embedding, embeddings.get(b)!),
        );
      expect(nearest).toBe(original);
    }
  }, 60_000);

  test('holds blurred shots, which are far less sharp', async () => {
    const blurred = named(/-blurred\./);
    expect(blurred.length).toBeGreaterThan(1);
    for (const [name, bytes] of blurred) {
      expect(await sharpnessOf(bytes)).toBeLessThan((await sharpnessOf(originalOf(name))) / 4);
    }
  });

  test('holds broken files and files that are no images', async () => {
    const broken = named(/-broken\./);
    expect(broken.length).toBeGreaterThan(1);
    for (const [, bytes] of broken) expect(await outcomeOf(bytes)).toBe('CORRUPT');
    for (const name of ['place-1/not-a-photo.jpg', 'place-2/drawing.svg']) {
      expect(await outcomeOf(files.get(name)!)).toBe('UNSUPPORTED_FORMAT');
    }
  });
});

/** Of a small copy, which tells scenes apart as well and takes a tenth of the time. */
const embeddingOf = async (bytes: Buffer): Promise<readonly number[]> =>
  Array.from((await analysed(await sharp(bytes).resize(240).png().toBuffer())).facts.embedding);
const sharpnessOf = async (bytes: Buffer): Promise<number> =>
  (await analysed(bytes)).facts.metadata.sharpness;
const distance = (a: readonly number[], b: readonly number[]): number =>
  Math.hypot(...a.map((value, index) => value - b[index]!));
