import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import { type ImageMetadata, imageFacts } from '#contracts/image-facts';
import { analysed, outcomeOf } from '../support/analysed-images.ts';
import { describeWithData, sharedData } from '../support/shared-data.ts';

type Reference = Record<string, Omit<ImageMetadata, 'luminance' | 'uniformRowRatio' | 'sizeInBytes'>>;

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

describeWithData('metadata of reference photos', 'facts/metadata-reference.json', (file) => {
  const reference = JSON.parse(readFileSync(file, 'utf8')) as Reference;
  const photos = filesBelow(sharedData('data') ?? '.');
  const known = Object.keys(reference).filter((name) =>
    photos.some((photo) => path.basename(photo) === name),
  );

  test('there are photos to compare', () => expect(known.length).toBeGreaterThan(20));

  test.each(known)('%s agrees to 1 %%', async (name) => {
    const photo = photos.find((candidate) => path.basename(candidate) === name) as string;
    const metadata = (await analysed(readFileSync(photo))).facts.metadata;
    for (const [key, expected] of Object.entries(reference[name]!)) {
      const actual = [metadata[key as keyof ImageMetadata]].flat();
      for (const [index, value] of [expected].flat().entries()) {
        expect([key, Math.abs(actual[index]! / value - 1) <= 0.01]).toEqual([key, true]);
      }
    }
  });
});

/** What becomes of each file; any that is not listed is accepted. */
const REJECTED: Record<string, string> = {
  '65536-uint32-limit.png': 'TOO_MANY_PIXELS',
  'giant-image.jpg': 'TOO_MANY_PIXELS',
  'check.svg': 'UNSUPPORTED_FORMAT',
  'circle.svg': 'UNSUPPORTED_FORMAT',
  'struct-image-04-t.svg': 'UNSUPPORTED_FORMAT',
  'relax.jp2': 'UNSUPPORTED_FORMAT',
  'vfile.v': 'UNSUPPORTED_FORMAT',
  'corrupt-header.jpg': 'CORRUPT',
  'truncated.jpg': 'CORRUPT',
  'truncated.png': 'CORRUPT',
};

describeWithData('odd files', 'data/odd', (folder) => {
  test.each(filesBelow(folder).map((file) => path.basename(file)))('%s', async (name) => {
    const bytes = readFileSync(path.join(folder, name));
    const outcome = await outcomeOf(bytes);
    expect(outcome).toBe(REJECTED[name] ?? 'ok');
    if (outcome === 'ok') imageFacts.parse((await analysed(bytes)).facts);
  });
});

describeWithData('photos of clothing', 'data/clothing', (folder) => {
  const photos = filesBelow(folder).filter((file) => file.endsWith('.jpg'));

  test('every one is accepted, and nearest neighbours tend to be of one kind', async () => {
    const kinds: string[] = [];
    const embeddings: Float32Array[] = [];
    for (const photo of photos) {
      kinds.push(path.basename(path.dirname(photo)));
      embeddings.push((await analysed(readFileSync(photo))).facts.embedding);
    }
    const agreeing = embeddings.filter((_, index) => kinds[nearest(embeddings, index)] === kinds[index]);
    // Ten kinds; a colour histogram reaches a fifth.
    expect(agreeing.length / photos.length).toBeGreaterThan(0.4);
  }, 120_000);
});

/** Index of the vector most like that at `index`: both have length 1, so the largest dot product. */
function nearest(embeddings: readonly Float32Array[], index: number): number {
  const own = embeddings[index]!;
  const likeness = embeddings.map((other, at) =>
    at === index ? -2 : other.reduce((sum, value, position) => sum + value * own[position]!, 0),
  );
  return likeness.indexOf(Math.max(...likeness));
}
