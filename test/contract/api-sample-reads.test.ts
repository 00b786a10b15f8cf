import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleImageKey } from '#contracts/s3-keys';
import { publicSample } from '#platform/access/public-object';
import { type SamplesClient, samplesClientOf } from '../support/api-samples.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { addSamples, datasetWithSamples } from '../support/dataset-with-samples.ts';
import { newId } from '../support/documents.ts';

let world: ApiWorld;
let client: SamplesClient;
beforeAll(async () => {
  world = await startApiWorld();
  client = samplesClientOf(world);
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

describe('images', () => {
  const put = (url: string, body: string) => fetch(url, { method: 'PUT', body });
  const read = async (url: string) => {
    const answer = await fetch(url);
    return answer.ok ? answer.text() : answer.status;
  };

  test('are uploaded to the pair of write URLs and read back', async () => {
    const datasetId = await client.newDataset();
    const { id: sampleId, sampleWriteUrls } = await world.call(
      'create_sample_with_write_urls_by_dataset_id',
      { path: { datasetId }, body: { fileName: 'a.jpg' } },
    );
    await put(sampleWriteUrls.full, 'the image');
    await put(sampleWriteUrls.thumb, 'the thumbnail');
    const path = { datasetId, sampleId };
    const readUrl = (query: { type?: string }) =>
      world.call('get_sample_image_read_url_by_id', { path, query });
    expect(await read(await readUrl({}))).toBe('the image');
    expect(await read(await readUrl({ type: 'full' }))).toBe('the image');
    expect(await read(await readUrl({ type: 'thumbnail' }))).toBe('the thumbnail');
    expect((await client.get(datasetId, sampleId)).thumbName).toBe('.lightly/thumbnails/a_thumb.webp');
    const again = await world.call('get_sample_image_write_urls_by_id', { path });
    await put(again.full, 'a better image');
    expect(await read(await readUrl({}))).toBe('a better image');
    const { status } = await world.refused('get_sample_image_read_url_by_id', {
      path,
      query: { type: 'tiny' },
    });
    expect(status).toBe(400);
  });

  test('one by one; a thumbnail that nobody has named is not found', async () => {
    const datasetId = await client.newDataset();
    const sampleId = await client.create(datasetId, 'b.jpg');
    const path = { datasetId, sampleId };
    const { status, error } = await world.refused('get_sample_image_read_url_by_id', {
      path,
      query: { type: 'thumbnail' },
    });
    expect([status, error.code]).toEqual([404, 'SAMPLE_THUMBNAME_UNKNOWN']);
    for (const isThumbnail of [true, false]) {
      const url = await world.call('get_sample_image_write_url_by_id', { path, query: { isThumbnail } });
      await put(url, `thumbnail: ${isThumbnail}`);
    }
    const thumbnail = await world.call('get_sample_image_read_url_by_id', {
      path,
      query: { type: 'thumbnail' },
    });
    expect(await read(thumbnail)).toBe('thumbnail: true');
  });

  test('of the pipeline are read where they are, and never written', async () => {
    const { landing, platform } = world.deps.buckets;
    const dataset = await datasetWithSamples(world, 1);
    const [sample] = await world.call('get_samples_by_dataset_id', { path: { datasetId: dataset.id } });
    const path = { datasetId: dataset.id, sampleId: sample!.id };
    await world.deps.objects.put({ bucket: landing, key: `${dataset.name}/image-0.jpg` }, 'original', {
      contentType: 'image/jpeg',
    });
    const key = `datasets/${dataset.id}/${sample!.thumbName}`;
    await world.deps.objects.put({ bucket: platform, key }, 'small', { contentType: 'image/webp' });
    const readUrl = (type: string) =>
      world.call('get_sample_image_read_url_by_id', { path, query: { type } });
    expect(await read(await readUrl('full'))).toBe('original');
    expect(await read(await readUrl('thumbnail'))).toBe('small');
    const { status, error } = await world.refused('get_sample_image_write_url_by_id', {
      path,
      query: { isThumbnail: false },
    });
    expect([status, error.code]).toEqual([400, 'DATASET_DATASOURCE_ILLEGAL_ACTION']);
  });

  test('of the pipeline in a datasource are read there, in the version that was judged, and 404 where that is gone', async () => {
    const theirs = { bucket: 'their-images', key: 'cameras/north/a b.jpg', versionId: 'v7' };
    const gone = { bucket: 'their-images', key: 'elsewhere/b.jpg' };
    const dataset = await datasetWithSamples(world, 2, (sample) => ({
      ...sample,
      ...(sample.index === 0 ? { ...theirs, thumbIn: 'LIGHTLY' } : gone),
    }));
    const key = {
      s3Region: 'eu-central-1',
      s3AccessKeyId: 'AKIDOFTHEIROWN',
      s3SecretAccessKey: 'x',
    } as const;
    const configs = [
      { type: 'S3', purpose: 'INPUT', fullPath: 's3://their-images/cameras', ...key },
      { type: 'S3', purpose: 'LIGHTLY', fullPath: 's3://their-results/of', ...key },
    ] as const;
    const stored = { datasetId: dataset.id, version: 1, configs: [...configs], lastModifiedAt: 1 };
    await world.deps.datasources.replace(stored);
    const [first, second] = await world.call('get_samples_by_dataset_id', {
      path: { datasetId: dataset.id },
    });
    const of = (sample: typeof first, type: string) => ({
      path: { datasetId: dataset.id, sampleId: sample!.id },
      query: { type },
    });
    const urlOf = async (type: string) =>
      new URL(await world.call('get_sample_image_read_url_by_id', of(first, type)));
    const full = await urlOf('full');
    expect(`${full.host}${full.pathname}`).toMatch(/their-images.*\/cameras\/north\/a%20b\.jpg$/);
    expect(full.searchParams.get('versionId')).toBe('v7');
    expect(full.searchParams.get('X-Amz-Credential')).toMatch(/^AKIDOFTHEIROWN/);
    const thumbnail = await urlOf('thumbnail');
    expect(`${thumbnail.host}${thumbnail.pathname}`).toMatch(/their-results.*\/of\/\.lightly\/thumbnails\//);
    const { status } = await world.refused('get_sample_image_read_url_by_id', of(second, 'full'));
    expect(status).toBe(404);
  });

  test('of a dataset with an input datasource of its own are there, under their file names', async () => {
    const datasetId = await client.newDataset();
    const s3 = {
      s3Region: 'eu-central-1' as const,
      s3AccessKeyId: 'AKIDOFTHEIROWN',
      s3SecretAccessKey: 'x'.repeat(40),
    };
    const configure = (purpose: 'INPUT' | 'LIGHTLY' | 'INPUT_OUTPUT', fullPath: string) =>
      world.call('update_datasource_by_dataset_id', {
        path: { datasetId },
        body: { type: 'S3', purpose, fullPath, ...s3 },
      });
    await configure('INPUT', 's3://their-images/cameras');
    await configure('LIGHTLY', 's3://their-results');
    const sampleId = await client.create(datasetId, 'north/a b.jpg', { thumbName: 'thumbs/a.webp' });
    const path = { datasetId, sampleId };
    const urlOf = async (type: string) =>
      new URL(await world.call('get_sample_image_read_url_by_id', { path, query: { type } }));
    const full = await urlOf('full');
    expect(`${full.host}${full.pathname}`).toMatch(/their-images.*\/cameras\/north\/a%20b\.jpg$/);
    const thumbnail = await urlOf('thumbnail');
    expect(`${thumbnail.host}${thumbnail.pathname}`).toMatch(/their-results.*\/thumbs\/a\.webp$/);
    const refused = [
      await world.refused('get_sample_image_write_urls_by_id', { path }),
      await world.refused('create_sample_with_write_urls_by_dataset_id', {
        path: { datasetId },
        body: { fileName: 'b.jpg' },
      }),
    ];
    for (const { status, error } of refused) {
      expect([status, error.code]).toEqual([400, 'DATASET_DATASOURCE_ILLEGAL_ACTION']);
    }
    expect(await world.call('get_samples_by_dataset_id', { path: { datasetId } })).toHaveLength(1);
    await configure('INPUT_OUTPUT', 's3://their-images/cameras');
    const ofOriginal = await world.refused('create_sample_with_write_urls_by_dataset_id', {
      path: { datasetId },
      body: { fileName: 'an-original.jpg' },
    });
    expect(ofOriginal.error.code).toBe('DATASET_DATASOURCE_ILLEGAL_ACTION');
    expect(ofOriginal.error.error).toMatch(/Put it there yourself\.$/);
    const writeUrl = (isThumbnail: boolean) => ({ path, query: { isThumbnail } });
    for (const isThumbnail of [false, true]) {
      const { status } = await world.refused('get_sample_image_write_url_by_id', writeUrl(isThumbnail));
      expect([isThumbnail, status]).toEqual([isThumbnail, 400]);
    }
    const thumbName = '.lightly/thumbnails/a.webp';
    await world.call('update_sample_by_id', { path, body: { thumbName } });
    const below = new URL(await world.call('get_sample_image_write_url_by_id', writeUrl(true)));
    expect(below.pathname).toMatch(/\/cameras\/\.lightly\/thumbnails\/a\.webp$/);
  });

  test('whose thumbnails would be beside .lightly/ in a datasource are not added', async () => {
    const datasetId = await client.newDataset();
    const path = { datasetId };
    const keys = {
      s3Region: 'eu-central-1',
      s3AccessKeyId: 'AKIDOFTHEIROWN',
      s3SecretAccessKey: 'x',
    } as const;
    await world.call('update_datasource_by_dataset_id', {
      path,
      body: { type: 'S3', purpose: 'LIGHTLY', fullPath: 's3://their-results', ...keys },
    });
    const add = (thumbName: string) => ({ path, body: { fileName: 'a.jpg', thumbName } });
    const { error } = await world.refused('create_sample_with_write_urls_by_dataset_id', add('a_thumb.webp'));
    expect(error.code).toBe('DATASET_DATASOURCE_ILLEGAL_ACTION');
    expect(await world.call('get_samples_by_dataset_id', { path })).toHaveLength(0);
    const { sampleWriteUrls } = await world.call(
      'create_sample_with_write_urls_by_dataset_id',
      add('.lightly/thumbnails/a_thumb.webp'),
    );
    expect(sampleWriteUrls.thumb).toContain('/.lightly/thumbnails/a_thumb.webp?');
    expect((await put(sampleWriteUrls.full, 'the image')).status).toBe(200);
  });

  test('behind a redirect need a token, or a public one for this very object', async () => {
    const datasetId = await client.newDataset();
    const { id, sampleWriteUrls } = await world.call('create_sample_with_write_urls_by_dataset_id', {
      path: { datasetId },
      body: { fileName: 'a.jpg' },
    });
    await put(sampleWriteUrls.full, 'the image');
    const other = await client.create(datasetId, 'b.jpg');
    const publicToken = await world.deps.publicTokens.sign(
      publicSample(datasetId, id, 'full'),
      Date.now() + 60_000,
    );
    const redirect = (sampleId: string, type: string, credentials: object) =>
      world.send('get_sample_image_resource_redirect_by_id', {
        path: { datasetId, sampleId },
        query: { type },
        ...credentials,
      });
    for (const credentials of [{ publicToken }, {}]) {
      const { status, headers } = await redirect(id, 'full', credentials);
      expect([status, headers['cache-control']]).toEqual([302, 'no-store']);
      expect(new URL(headers.location!).pathname).toContain(sampleImageKey(datasetId, id));
      expect(await read(headers.location!)).toBe('the image');
    }
    expect((await redirect(other, 'full', { publicToken })).status).toBe(401);
    expect((await redirect(id, 'thumbnail', { publicToken })).status).toBe(401);
    expect((await redirect(id, 'full', { token: 'unknown' })).status).toBe(401);
  });
});
