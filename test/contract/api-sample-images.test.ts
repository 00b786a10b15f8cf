import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleImageKey } from '#contracts/s3-keys';
import { publicSample } from '#platform/access/public-object';
import { type SamplesClient, samplesClientOf } from '../support/api-samples.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { datasetWithSamples } from '../support/dataset-with-samples.ts';

let world: ApiWorld;
let client: SamplesClient;
beforeAll(async () => {
  world = await startApiWorld();
  client = samplesClientOf(world);
});
afterAll(() => world.stop());

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
