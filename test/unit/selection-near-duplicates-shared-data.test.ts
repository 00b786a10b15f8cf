import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import sharp, { type Sharp } from 'sharp';
import { nearDuplicateLimits } from '#contracts/near-duplicates';
import type { ComparedImage } from '#selection/near-duplicates/compared-image';
import { groupNearDuplicates } from '#selection/near-duplicates/group-near-duplicates';
import { analysed } from '../support/analysed-images.ts';
import { describeWithData } from '../support/shared-data.ts';

const EVERY = 20;
const COPIES: Readonly<Record<string, (photo: Sharp) => Sharp>> = {
  original: (photo) => photo,
  're-encoded': (photo) => photo.jpeg({ quality: 50 }),
  smaller: (photo) => photo.resize({ width: 200 }).jpeg(),
  brighter: (photo) => photo.modulate({ brightness: 1.1 }).jpeg({ quality: 90 }),
};

describeWithData('near-duplicates of photographs', 'data/clothing', (folder) => {
  test('copies are in the group of their photograph, and no two photographs are in one', async () => {
    const files = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.jpg')).sort();
    const images: ComparedImage[] = [];
    let model = '';
    for (const file of files.filter((_, at) => at % EVERY === 0)) {
      const bytes = await readFile(join(folder, file));
      for (const [kind, change] of Object.entries(COPIES)) {
        const { facts } = await analysed(await change(sharp(bytes).autoOrient()).toBuffer());
        images.push({ ...facts, fileName: `${file} ${kind}` });
        model = facts.embeddingModel;
      }
    }
    const groups = await groupNearDuplicates({
      known: [],
      fresh: images,
      ...nearDuplicateLimits({}, model),
      groupId: (representative, ordinal) => `${representative} ${ordinal}`,
    });
    const wrong = images.filter(
      ({ fileName }) => groups.get(fileName)?.representative !== fileName.replace(/ [^ ]*$/, ' original'),
    );
    expect(wrong.map(({ fileName }) => fileName)).toEqual([]);
    expect(images.length).toBeGreaterThan(40);
  });
});
