import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type SamplesClient, samplesClientOf } from '../support/api-samples.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { datasetWithSamples } from '../support/dataset-with-samples.ts';
import { newId } from '../support/documents.ts';

let world: ApiWorld;
let client: SamplesClient;
beforeAll(async () => {
  world = await startApiWorld();
  client = samplesClientOf(world);
});
afterAll(() => world.stop());

describe('adding samples', () => {
  test('numbers them in the order they come, with all that the client says of them', async () => {
    const datasetId = await client.newDataset();
    const said = {
      thumbName: 'thumbs/a.webp',
      metaData: {
        sizeInBytes: 1234,
        sharpness: 0.1 + 0.2,
        mean: [0, 0.5, 1],
        shape: [480, 640, 3],
        custom: { any: ['thing', null, 1e300, Number.MAX_VALUE], '': { a: 1 } },
      },
      customMetaData: { weather: { scenario: 'rainy', temperature: -1e-200 }, number_of_people: 2 ** 60 },
      exif: { Make: 'Acme' },
      videoFrameData: { sourceVideo: 'v.mp4', sourceVideoFrameIndex: 3, sourceVideoFrameTimestamp: 0.5 },
    };
    const id = await client.create(datasetId, 'a.jpg', said);
    await client.create(datasetId, 'folder/b.jpg');
    expect(await client.get(datasetId, id)).toEqual({
      id,
      datasetId,
      type: 'VIDEO_FRAME',
      fileName: 'a.jpg',
      index: 0,
      createdAt: expect.any(Number),
      lastModifiedAt: expect.any(Number),
      ...said,
    });
    const all = await world.call('get_samples_by_dataset_id', { path: { datasetId } });
    expect(all.map(({ index, fileName, type }) => [index, fileName, type])).toEqual([
      [0, 'a.jpg', 'VIDEO_FRAME'],
      [1, 'folder/b.jpg', 'IMAGE'],
    ]);
    const dataset = await world.call('get_dataset_by_id', { path: { datasetId } });
    expect(dataset).toMatchObject({ nSamples: 2, sizeInBytes: 1234 });
  });

  test('of absurd sizes leaves their dataset, and lists of datasets, readable', async () => {
    const datasetId = await client.newDataset();
    const metaData = { sizeInBytes: Number.MAX_SAFE_INTEGER };
    for (const fileName of ['a.jpg', 'b.jpg', 'c.jpg'])
      await client.create(datasetId, fileName, { metaData });
    const dataset = await world.call('get_dataset_by_id', { path: { datasetId } });
    expect(dataset).toMatchObject({ nSamples: 3, sizeInBytes: Number.MAX_SAFE_INTEGER });
    expect((await world.call('get_datasets', {})).map(({ id }) => id)).toContain(datasetId);
  });

  test('a file name that is there already is the same sample: a client may ask again', async () => {
    const datasetId = await client.newDataset();
    const ids = await Promise.all(Array.from({ length: 6 }, () => client.create(datasetId, 'same.jpg')));
    expect(new Set(ids).size).toBe(1);
    expect(await world.call('get_samples_by_dataset_id', { path: { datasetId } })).toHaveLength(1);
  });

  test.each([
    ['../a.jpg'],
    ['/etc/passwd'],
    ['a/../../b.jpg'],
    ['nul\0.jpg'],
    [''],
    ['folder/'],
    ['\ud800.jpg'],
    ['ä'.repeat(513)],
  ])('refuses the file name and the thumbnail name %j', async (name) => {
    const datasetId = await client.newDataset();
    for (const body of [{ fileName: name }, { fileName: 'a.jpg', thumbName: name }]) {
      const { status, error } = await world.refused('create_sample_by_dataset_id', {
        path: { datasetId },
        body,
      });
      expect({ status, code: error.code }).toEqual({
        status: 400,
        code: 'SAMPLE_CREATE_REQUEST_INVALID_FORMAT',
      });
    }
    expect(await world.call('get_samples_by_dataset_id', { path: { datasetId } })).toEqual([]);
  });

  test('takes names of 1,024 bytes, blanks and all scripts', async () => {
    const datasetId = await client.newDataset();
    for (const name of ['ä'.repeat(512), ' a  b .jpg', '日本語/🦊.jpg', '__proto__', 'constructor']) {
      const id = await client.create(datasetId, name);
      expect((await client.get(datasetId, id)).fileName).toBe(name);
    }
  });

  test('refuses custom metadata of more than 64 KB, or nested without end', async () => {
    const datasetId = await client.newDataset();
    const fits = { text: 'x'.repeat(65_000) };
    const id = await client.create(datasetId, 'fits.jpg', { customMetaData: fits });
    expect((await client.get(datasetId, id)).customMetaData).toEqual(fits);
    let nested: object = {};
    for (let depth = 0; depth < 1_000; depth++) nested = { n: nested };
    for (const [customMetaData, code] of [
      [{ text: 'x'.repeat(65_536) }, 'CUSTOM_METADATA_AT_MAX_SIZE'],
      [nested, 'BAD_REQUEST'],
    ] as const) {
      const body = { fileName: 'a.jpg', customMetaData };
      const created = await world.refused('create_sample_by_dataset_id', { path: { datasetId }, body });
      expect([created.status, created.error.code]).toEqual([400, code]);
      const updated = await world.refused('update_sample_by_id', {
        path: { datasetId, sampleId: id },
        body: { customMetaData },
      });
      expect([updated.status, updated.error.code]).toEqual([400, code]);
    }
  });

  test('a crop names the sample that it was cut out of', async () => {
    const datasetId = await client.newDataset();
    const parentId = await client.create(datasetId, 'a.jpg');
    const cropData = {
      parentId,
      predictionUUIDTimestamp: 1,
      predictionIndex: 0,
      predictionTaskName: 'objects',
      predictionTaskCategoryId: 4,
      predictionTaskScore: 0.5,
    };
    const id = await client.create(datasetId, 'a-crop.jpg', { cropData });
    expect(await client.get(datasetId, id)).toMatchObject({ type: 'CROP', cropData });
    const { status, error } = await world.refused('create_sample_by_dataset_id', {
      path: { datasetId },
      body: { fileName: 'b.jpg', cropData: { ...cropData, parentId: newId() } },
    });
    expect([status, error.code]).toEqual([400, 'SAMPLE_CREATE_REQUEST_INVALID_CROP_DATA']);
  });

  test('waits while a run adds samples', async () => {
    const datasetId = await client.newDataset();
    await world.deps.datasets.lock(datasetId, newId());
    const call = { path: { datasetId }, body: { fileName: 'a.jpg' } };
    const { status, error } = await world.refused('create_sample_by_dataset_id', call);
    expect([status, error.code]).toEqual([409, 'ILLEGAL_ACTION_RESOURCE_IN_USE']);
  });
});

describe('changing a sample', () => {
  test('replaces the fields that are given and leaves the others', async () => {
    const datasetId = await client.newDataset();
    const sampleId = await client.create(datasetId, 'a.jpg', {
      customMetaData: { a: 1, b: 2 },
      exif: { e: 1 },
    });
    const update = (body: object, query = {}) =>
      world.call('update_sample_by_id', { path: { datasetId, sampleId }, query, body });
    await update({ customMetaData: { b: 3 } });
    await update({ metaData: { sizeInBytes: 500, luminance: 20 } });
    await update({ metaData: { sizeInBytes: 700 }, thumbName: 't.webp' });
    await update({});
    expect(await client.get(datasetId, sampleId)).toMatchObject({
      fileName: 'a.jpg',
      thumbName: 't.webp',
      customMetaData: { b: 3 },
      metaData: { sizeInBytes: 700 },
      exif: { e: 1 },
    });
    const dataset = await world.call('get_dataset_by_id', { path: { datasetId } });
    expect(dataset.sizeInBytes).toBe(700);
    await update({}, { enableDatasetUpdate: true });
    const touched = await world.call('get_dataset_by_id', { path: { datasetId } });
    expect(touched.lastModifiedAt).toBeGreaterThan(dataset.lastModifiedAt);
  });

  test('of the pipeline: what is computed stays, what the client says stands above it', async () => {
    const dataset = await datasetWithSamples(world, 2);
    const [, second] = await world.call('get_samples_by_dataset_id', { path: { datasetId: dataset.id } });
    const path = { datasetId: dataset.id, sampleId: second!.id };
    await world.call('update_sample_by_id', {
      path,
      body: { metaData: { luminance: 1, custom: { scene: 'x' } }, customMetaData: { checked: true } },
    });
    const changed = await world.call('get_sample_by_id', { path });
    expect(changed.metaData).toEqual({ ...second!.metaData, luminance: 1, custom: { scene: 'x' } });
    expect(changed).toMatchObject({ exif: second!.exif, customMetaData: { checked: true } });
    // A run that reads the image again replaces what it knows, and nothing else.
    const stored = (await world.deps.samples.get(dataset.id, 1))!;
    const { customMetaData: _, metaData: __, ...asRead } = stored;
    await world.deps.samples.refresh({ ...asRead, eTag: 'e9' });
    expect(await world.call('get_sample_by_id', { path })).toEqual(changed);
    expect((await world.deps.samples.get(dataset.id, 1))?.eTag).toBe('e9');
  });

  test('renames it, unless the name is taken or leads elsewhere', async () => {
    const datasetId = await client.newDataset();
    const sampleId = await client.create(datasetId, 'a.jpg');
    await client.create(datasetId, 'b.jpg');
    const path = { datasetId, sampleId };
    await world.call('update_sample_by_id', { path, body: { fileName: 'c.jpg' } });
    await world.call('update_sample_by_id', { path, body: { fileName: 'c.jpg' } });
    const names = () =>
      world.call('get_sample_mappings_by_dataset_id', { path: { datasetId }, query: { field: 'fileName' } });
    expect(await names()).toEqual(['c.jpg', 'b.jpg']);
    const taken = await world.refused('update_sample_by_id', { path, body: { fileName: 'b.jpg' } });
    expect([taken.status, taken.error.code]).toEqual([409, 'CONFLICT']);
    const hostile = await world.refused('update_sample_by_id', { path, body: { fileName: '../b.jpg' } });
    expect(hostile.status).toBe(400);
    expect(await names()).toEqual(['c.jpg', 'b.jpg']);
    expect(await client.create(datasetId, 'a.jpg')).not.toBe(sampleId);
  });
});

test('what is in a dataset is for those who may use the dataset', async () => {
  const { token } = await world.addUser('stranger@example.org');
  const { id: datasetId } = await datasetWithSamples(world, 1);
  const [sample] = await world.call('get_samples_by_dataset_id', { path: { datasetId } });
  const path = { datasetId, sampleId: sample!.id };
  for (const [id, call] of [
    ['create_sample_by_dataset_id', { body: { fileName: 'a.jpg' } }],
    ['create_sample_with_write_urls_by_dataset_id', { body: { fileName: 'a.jpg' } }],
    ['get_samples_by_dataset_id', {}],
    ['get_samples_partial_by_dataset_id', {}],
    ['get_sample_by_id', {}],
    ['update_sample_by_id', { body: {} }],
    ['get_sample_image_read_url_by_id', {}],
    ['get_sample_image_resource_redirect_by_id', { query: { type: 'full' } }],
    ['get_sample_image_write_url_by_id', { query: { isThumbnail: true } }],
    ['get_sample_image_write_urls_by_id', {}],
    ['get_sample_mappings_by_dataset_id', { query: { field: '_id' } }],
  ] as const) {
    const { status, error } = await world.refused(id, { path, token, ...call });
    expect({ id, status, code: error.code }).toEqual({ id, status: 403, code: 'FORBIDDEN' });
    const unknown = await world.refused(id, { path: { ...path, datasetId: newId() }, ...call });
    expect({ id, status: unknown.status, code: unknown.error.code }).toEqual({
      id,
      status: 404,
      code: 'DATASET_UNKNOWN',
    });
  }
});
