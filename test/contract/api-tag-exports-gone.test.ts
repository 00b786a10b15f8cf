import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { addInitialTag, addTag, datasetWithSamples } from '../support/dataset-with-samples.ts';
import { ROW_EXPORTS } from '../support/export-rows.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.stop());

/** A tag of six samples; the images of two of them, and of one that is not in it, are gone. */
async function taggedWithGone() {
  const dataset = await datasetWithSamples(world, 10);
  const tag = await addTag(world, await addInitialTag(world, dataset), [1, 2, 4, 5, 7, 9]);
  for (const index of [2, 3, 7]) {
    const gone = { isAvailable: false, order: '1#1', place: 'landing', since: 1 };
    await world.deps.sampleAvailability.markAvailability(dataset.id, `image-${index}.jpg`, gone);
  }
  return { datasetId: dataset.id, tagId: tag.id };
}
const namesIn = (rows: unknown): string[] => [
  ...new Set(
    JSON.stringify(rows)
      .match(/image-\d+\.jpg/g)
      ?.map(String),
  ),
];

test.each(ROW_EXPORTS)('%s has rows of images that are there, in pages that are full', async (operation) => {
  const path = await taggedWithGone();
  const there = [1, 4, 5, 9].map((index) => `image-${index}.jpg`);
  const page = async (query: object) => namesIn(await world.call(operation, { path, query }));
  expect(await page({})).toEqual(there);
  expect(await page({ pageSize: 3, pageOffset: 0 })).toEqual(there.slice(0, 3));
  expect(await page({ pageSize: 3, pageOffset: 3 })).toEqual(there.slice(3));
});

test('names of files have all of them: the tag is what it was', async () => {
  const path = await taggedWithGone();
  const names = await world.call('get_filenames_by_tag_id', { path });
  expect(namesIn(names)).toEqual([1, 2, 4, 5, 7, 9].map((index) => `image-${index}.jpg`));
});
