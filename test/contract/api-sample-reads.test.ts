import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { addSamples, datasetWithSamples } from '../support/dataset-with-samples.ts';
import { newId } from '../support/documents.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.stop());

describe('reading samples', () => {
  test('pages and filters by file name; what is behind the end is empty', async () => {
    const { id: datasetId } = await datasetWithSamples(world, 7);
    const path = { datasetId };
    const indexes = async (query: object) =>
      (await world.call('get_samples_by_dataset_id', { path, query })).map(({ index }) => index);
    expect(await indexes({})).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(await indexes({ sortBy: '_id' })).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(await indexes({ sortBy: 'index', pageSize: 3, pageOffset: 6 })).toEqual([6]);
    expect(await indexes({ pageSize: 3, pageOffset: 7 })).toEqual([]);
    expect(await indexes({ pageSize: 2, pageOffset: 1e300 })).toEqual([]);
    expect(await indexes({ fileName: 'image-5.jpg' })).toEqual([5]);
    expect(await indexes({ fileName: 'image-5.jpg', pageSize: 1, pageOffset: 1 })).toEqual([]);
    expect(await indexes({ fileName: 'image-' })).toEqual([]);
    expect(await indexes({ fileName: 'x'.repeat(5_000) })).toEqual([]);
    expect(await indexes({ fileName: '' })).toEqual([]);
  });

  test('in part: ids, file names or everything', async () => {
    const { id: datasetId } = await datasetWithSamples(world, 3);
    const path = { datasetId };
    const full = await world.call('get_samples_by_dataset_id', { path });
    const partial = (query: object) => world.call('get_samples_partial_by_dataset_id', { path, query });
    expect(await partial({ mode: 'ids' })).toEqual(full.map(({ id }) => ({ id })));
    const named = full.map(({ id, fileName }) => ({ id, fileName }));
    expect(await partial({ mode: 'fileNames' })).toEqual(named);
    expect(await partial({ mode: 'fileNames', pageSize: 1, pageOffset: 1 })).toEqual([named[1]]);
    expect(await partial({ mode: 'fileNames', fileName: 'image-2.jpg' })).toEqual([named[2]]);
    expect(await partial({ mode: 'full' })).toEqual(full);
    expect(await partial({})).toEqual(full);
  });

  test('mappings: ids and file names in the order of the bit masks, page by page', async () => {
    const { id: datasetId } = await datasetWithSamples(world, 5);
    const path = { datasetId };
    const full = await world.call('get_samples_by_dataset_id', { path });
    const mappings = (query: { field: string; pageSize?: number; pageOffset?: number }) =>
      world.call('get_sample_mappings_by_dataset_id', { path, query });
    expect(await mappings({ field: '_id' })).toEqual(full.map(({ id }) => id));
    expect(await mappings({ field: 'fileName' })).toEqual(full.map(({ fileName }) => fileName));
    expect(await mappings({ field: '_id', pageSize: 2, pageOffset: 4 })).toEqual([full[4]!.id]);
    expect(await mappings({ field: 'fileName', pageSize: 2, pageOffset: 2 })).toEqual([
      'image-2.jpg',
      'image-3.jpg',
    ]);
    const { status } = await world.refused('get_sample_mappings_by_dataset_id', {
      path,
      query: { field: 'secret' },
    });
    expect(status).toBe(400);
  });

  test('a page of 25,000 file names comes whole, whatever its size in bytes', async () => {
    const { id: datasetId } = await datasetWithSamples(world, 2);
    const long = (index: number): string => `${index}-${'n'.repeat(240)}.jpg`;
    const { samples } = world.deps;
    const few = { ...samples };
    // Names as a table of that many samples gives them.
    Object.assign(samples, {
      names: async function* (_: string, from: number, to: number) {
        for (let index = from; index < to; index++) yield { index, fileName: long(index) };
      },
    });
    await world.deps.datasets.advance(datasetId, { sampleCount: 60_000, processedUntil: 1 });
    const pages: string[] = [];
    for (let pageOffset = 0; ; pageOffset += 25_000) {
      const query = { field: 'fileName', pageSize: 25_000, pageOffset };
      const page = await world.call('get_sample_mappings_by_dataset_id', { path: { datasetId }, query });
      pages.push(...page);
      if (page.length < 25_000) break;
    }
    Object.assign(samples, few);
    expect(pages).toEqual(Array.from({ length: 60_000 }, (_, index) => long(index)));
  });

  test('an id of no sample, or of another dataset, is not found', async () => {
    const mine = await datasetWithSamples(world, 2);
    const other = await datasetWithSamples(world, 3);
    const [, , third] = await world.call('get_samples_by_dataset_id', { path: { datasetId: other.id } });
    await addSamples(world, mine.id, 3);
    const calls = [
      ['get_sample_by_id', {}],
      ['update_sample_by_id', { body: {} }],
      ['get_sample_image_read_url_by_id', {}],
      ['get_sample_image_resource_redirect_by_id', { query: { type: 'full' } }],
      ['get_sample_image_write_url_by_id', { query: { isThumbnail: false } }],
      ['get_sample_image_write_urls_by_id', {}],
    ] as const;
    for (const sampleId of [third!.id, newId(), 'x', `${third!.id.slice(0, 16)}ffffffff`]) {
      for (const [id, call] of calls) {
        const { status, error } = await world.refused(id, {
          path: { datasetId: mine.id, sampleId },
          ...call,
        });
        expect({ id, status, code: error.code }).toEqual({ id, status: 404, code: 'SAMPLE_UNKNOWN' });
      }
    }
  });
});
