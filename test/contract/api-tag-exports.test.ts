import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import type { DatasourceConfig } from '#contracts/datasources';
import type { Dataset } from '#contracts/items';
import type { FileNameFormat } from '#contracts/protocol/types.gen';
import type { Sample } from '#contracts/samples';
import type { ExportFormat } from '#contracts/settings';
import type { Tag } from '#contracts/tags';
import { EXPORT_WRITERS, toSampleData } from '#formats/formats';
import { maskOfRange } from '#platform/tags/bit-mask';
import { ADMINISTRATOR_TOKEN, type ApiWorld, startApiWorld } from '../support/api-world.ts';
import {
  addInitialTag,
  addTag,
  asAddedByClient,
  datasetWithSamples,
} from '../support/dataset-with-samples.ts';
import { collect, newId, someTag } from '../support/documents.ts';
import { ROW_EXPORTS } from '../support/export-rows.ts';
import { unzip } from '../support/unzip.ts';

const START = Date.UTC(2026, 0, 2, 3, 4, 5);
const clock = { at: START };
let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld({ now: () => clock.at });
});
afterAll(() => world.stop());

type RowExport = (typeof ROW_EXPORTS)[number];

/** The file of the pipeline that has the same rows. */
const FORMAT_OF: Record<RowExport, ExportFormat> = {
  export_tag_to_label_studio_tasks: 'label-studio',
  export_tag_to_label_box_data_rows: 'labelbox-v3',
  export_tag_to_label_box_v4_data_rows: 'labelbox-v4',
  export_tag_to_sama_tasks: 'sama',
  export_tag_to_basic_filenames_and_read_urls: 'filenames-and-read-urls',
};

interface Tagged {
  readonly dataset: Dataset;
  readonly tag: Tag;
  readonly path: { readonly datasetId: string; readonly tagId: string };
  readonly samples: readonly Sample[];
}

/** A tag of five of twenty samples: one with an odd name, one that a client has added. */
async function tagged(indexes: readonly number[] = [1, 4, 5, 17, 19]): Promise<Tagged> {
  const dataset = await datasetWithSamples(world, 20, (sample) => {
    if (sample.index === 4) return { ...sample, fileName: 'two\nlines.jpg' };
    return sample.index === 5 ? asAddedByClient(sample) : sample;
  });
  const tag = await addTag(world, await addInitialTag(world, dataset), indexes);
  const all = await collect(world.deps.samples.range(dataset.id, 0, 20));
  const samples = all.filter(({ index }) => indexes.includes(index));
  return { dataset, tag, path: { datasetId: dataset.id, tagId: tag.id }, samples };
}

const urlsIn = (rows: unknown): string[] =>
  JSON.stringify(rows).match(/https?:[^"\\]*readurlRedirect[^"\\]*/g) ?? [];
/** When the public token of a URL ends, in ms. */
const endOf = (url: string): number =>
  (decodeJwt(new URL(url).searchParams.get('publicToken') ?? '').exp ?? 0) * 1000;

describe.each(ROW_EXPORTS)('%s', (id) => {
  test('has the rows that the export of the pipeline has, with URLs through the API', async () => {
    const { dataset, path, samples } = await tagged();
    const rows = await world.call(id, { path });
    const urls = urlsIn(rows);
    expect(urls).toHaveLength(5);
    async function* exported() {
      for (const [at, sample] of samples.entries()) yield { sample, readUrl: urls[at] ?? '' };
    }
    const header = { dataset: dataset.name, runId: newId(), tagName: 'a tag', createdAt: START };
    const file = (await collect(EXPORT_WRITERS[FORMAT_OF[id]].write(exported(), header))).join('');
    expect(rows).toEqual(JSON.parse(file));
    for (const [at, { id: sampleId }] of samples.entries()) {
      const { origin, pathname } = new URL(urls[at] ?? '');
      expect(`${origin}${pathname}`).toBe(
        `http://localhost/v1/datasets/${dataset.id}/samples/${sampleId}/readurlRedirect`,
      );
    }
  });

  test('comes in pages that together are the whole', async () => {
    const { path } = await tagged();
    const whole = (await world.call(id, { path })) as unknown[];
    const pages: unknown[][] = [];
    for (let pageOffset = 0; pageOffset < 8; pageOffset += 2) {
      pages.push((await world.call(id, { path, query: { pageSize: 2, pageOffset } })) as unknown[]);
    }
    expect(pages.map(({ length }) => length)).toEqual([2, 2, 1, 0]);
    expect(pages.flat()).toEqual(whole);
    expect(await world.call(id, { path, query: { pageOffset: 4 } })).toEqual(whole.slice(4));
  });

  test('shows what it looks like with a few rows', async () => {
    const { path } = await tagged(Array.from({ length: 20 }, (_, index) => index));
    expect(await world.call(id, { path, query: { previewExample: true } })).toHaveLength(10);
    expect(await world.call(id, { path, query: { previewExample: true, pageSize: 3 } })).toHaveLength(3);
  });

  test('is of a tag of this dataset, and for those who may use it', async () => {
    const [one, other] = [await tagged(), await tagged()];
    const path = { ...one.path, tagId: other.path.tagId };
    expect(await world.refused(id, { path })).toMatchObject({ status: 404, error: { code: 'TAG_UNKNOWN' } });
    const { token } = await world.addUser(`${newId()}@example.org`);
    expect(await world.refused(id, { path: one.path, token })).toMatchObject({ status: 403 });
    for (const query of [{ pageSize: 0 }, { pageOffset: -1 }, { pageSize: 'many' }]) {
      expect((await world.refused(id, { path: one.path, query })).status).toBe(400);
    }
  });
});

describe('read URLs', () => {
  test('lead to the image without a token, until they end', async () => {
    const { s3, bucket } = world.storage;
    expect(s3).toBeDefined();
    const { id: datasetId } = await world.call('create_dataset', { body: { name: `photos ${newId()}` } });
    const { id: sampleId, sampleWriteUrls } = await world.call(
      'create_sample_with_write_urls_by_dataset_id',
      {
        path: { datasetId },
        body: { fileName: 'a.jpg' },
      },
    );
    await fetch(sampleWriteUrls.full, { method: 'PUT', body: 'the image' });
    const body = { imgType: 'full' } as const;
    const { id: tagId } = await world.call('create_initial_tag_by_dataset_id', { path: { datasetId }, body });
    const path = { datasetId, tagId };
    const [row] = await world.call('export_tag_to_label_box_data_rows', { path, query: { expiresIn: 60 } });
    const publicToken = new URL(row?.imageUrl ?? '').searchParams.get('publicToken') ?? '';
    const visit = () =>
      world.send('get_sample_image_resource_redirect_by_id', {
        path: { datasetId, sampleId },
        query: { type: 'full' },
        publicToken,
      });
    const { status, headers } = await visit();
    expect(status).toBe(302);
    expect(headers.location).toContain(bucket);
    expect(await (await fetch(headers.location ?? '')).text()).toBe('the image');
    clock.at += 61_000;
    expect((await visit()).status).toBe(401);
    clock.at = START;
  });

  test('end when the client says, else when the dataset says', async () => {
    const { path, dataset } = await tagged();
    const ends = async (query: object = {}) => {
      const rows = await world.call('export_tag_to_label_studio_tasks', { path, query });
      return new Set(urlsIn(rows).map((url) => endOf(url) - START));
    };
    const day = 24 * 3_600_000;
    expect(await ends()).toEqual(new Set([90 * day]));
    expect(await ends({ expiresIn: 86_400 })).toEqual(new Set([day]));
    expect(await ends({ expiresIn: 315_360_000, accessControl: 'default' })).toEqual(new Set([3_650 * day]));
    const { exports, ...settings } = dataset.settings;
    const change = (changes: Partial<typeof exports>, version: number) =>
      world.deps.datasets.replaceSettings(
        dataset.id,
        { ...settings, exports: { ...exports, ...changes } },
        version,
      );
    await change({ readUrlExpirySeconds: 86_400 * 2 }, 0);
    expect(await ends()).toEqual(new Set([2 * day]));
    await change({ readUrls: 'signed', readUrlExpirySeconds: 3_600 }, 1);
    expect(await ends()).toEqual(new Set([90 * day]));
  });

  test.each([
    [{ expiresIn: 0 }, 'expiresIn'],
    [{ expiresIn: -5 }, 'expiresIn'],
    [{ expiresIn: 315_360_001 }, 'expiresIn'],
    [{ accessControl: 'nobody' }, 'accessControl'],
  ])('are refused for %j', async (query, field) => {
    const { path } = await tagged();
    for (const id of ['export_tag_to_sama_tasks', 'export_tag_to_basic_filenames'] as const) {
      const { status, error } = await world.refused(id, { path, query });
      expect({ status, error: error.error }).toEqual({ status: 400, error: expect.stringContaining(field) });
    }
  });

  test('hold no token of the caller', async () => {
    const { path } = await tagged();
    const rows = await world.call('export_tag_to_label_studio_tasks', { path });
    expect(JSON.stringify(rows)).not.toContain(ADMINISTRATOR_TOKEN);
  });
});

describe('rows of labelling tools', () => {
  test('call a file by its name, its place, or its URL', async () => {
    const { path, samples } = await tagged([2]);
    const [sample] = samples;
    const namesFor = async (fileNameFormat: FileNameFormat) => {
      const query = { fileNameFormat };
      const [task] = await world.call('export_tag_to_label_studio_tasks', { path, query });
      const [row] = await world.call('export_tag_to_label_box_data_rows', { path, query });
      const [row4] = await world.call('export_tag_to_label_box_v4_data_rows', { path, query });
      return {
        task: task?.data.lightlyFileName,
        row: row?.externalId,
        key: row4?.global_key,
        url: row?.imageUrl,
      };
    };
    const byName = await namesFor('NAME');
    const globalKey = byName.key;
    expect(byName).toMatchObject({ task: 'image-2.jpg', row: 'image-2.jpg' });
    const place = `s3://${sample?.bucket}/${sample?.key}`;
    expect(await namesFor('DATASOURCE_FULL')).toMatchObject({ task: place, row: place, key: globalKey });
    const byUrl = await namesFor('REDIRECTED_READ_URL');
    expect(byUrl).toMatchObject({ task: byUrl.url, row: byUrl.url, key: globalKey });
  });

  test('hold what is known of the image, unless it is not wanted', async () => {
    const { path, samples } = await tagged([2]);
    const tasks = (includeMetaData?: boolean) =>
      world.call('export_tag_to_label_studio_tasks', {
        path,
        ...(includeMetaData !== undefined && { query: { includeMetaData } }),
      });
    const info = JSON.parse(JSON.stringify(toSampleData(samples[0]!)));
    expect((await tasks())[0]?.data.lightlyMetaInfo).toEqual(info);
    expect((await tasks(true))[0]?.data.lightlyMetaInfo).toEqual(info);
    expect((await tasks(false))[0]?.data).not.toHaveProperty('lightlyMetaInfo');
    const [sama] = await world.call('export_tag_to_sama_tasks', { path, query: { includeMetaData: false } });
    expect(sama?.data).not.toHaveProperty('lightlyMetaInfo');
  });
});

describe('file names', () => {
  const names = (path: Tagged['path'], query: object = {}) =>
    world.call('export_tag_to_basic_filenames', { path, query });

  test('come as lines that a client can join, or as JSON', async () => {
    const { path } = await tagged();
    const lines = ['image-1.jpg', '"two\\nlines.jpg"', 'image-5.jpg', 'image-17.jpg', 'image-19.jpg'];
    expect(await names(path)).toBe(lines.join('\n'));
    expect(JSON.parse(await names(path, { format: 'JSON' }))).toEqual([
      'image-1.jpg',
      'two\nlines.jpg',
      ...lines.slice(2),
    ]);
    const pages = [await names(path, { pageSize: 3 }), await names(path, { pageSize: 3, pageOffset: 3 })];
    expect(pages.join('\n')).toBe(lines.join('\n'));
    expect(await names(path, { pageSize: 3, pageOffset: 5 })).toBe('');
    expect(await names(path, { pageSize: 3, pageOffset: 5, format: 'JSON' })).toBe('[]');
  });

  test('as names, places and URLs are in the same order', async () => {
    const { path, samples } = await tagged();
    const places = (await names(path, { fileNameFormat: 'DATASOURCE_FULL' })).split('\n');
    expect(places).toEqual(samples.map(({ bucket, key }) => `s3://${bucket}/${key}`));
    const urls = (await names(path, { fileNameFormat: 'REDIRECTED_READ_URL' })).split('\n');
    expect(urls.map((url) => new URL(url).pathname.split('/').at(-2))).toEqual(samples.map(({ id }) => id));
    const rows = await world.call('export_tag_to_basic_filenames_and_read_urls', { path });
    expect(rows.map(({ readUrl }) => readUrl)).toEqual(urls);
  });

  test('of a whole tag are a list', async () => {
    const { path, samples } = await tagged();
    expect(await world.call('get_filenames_by_tag_id', { path })).toEqual(
      samples.map(({ fileName }) => fileName),
    );
    const unknown = { path: { ...path, tagId: newId() } };
    for (const id of ['get_filenames_by_tag_id', 'export_tag_to_basic_filenames'] as const) {
      expect(await world.refused(id, unknown)).toMatchObject({ status: 404, error: { code: 'TAG_UNKNOWN' } });
    }
  });

  test('of a datasource of the owner are places in it', async () => {
    const { id: datasetId } = await world.call('create_dataset', { body: { name: `theirs ${newId()}` } });
    await world.call('update_datasource_by_dataset_id', {
      path: { datasetId },
      body: {
        type: 'GCS',
        purpose: 'INPUT',
        fullPath: 'gs://their-bucket/cameras',
        gcsProjectId: 'project',
        gcsCredentials: '{}',
      },
    });
    await world.call('create_sample_by_dataset_id', { path: { datasetId }, body: { fileName: 'a/b.jpg' } });
    const body = { imgType: 'meta' } as const;
    const { id: tagId } = await world.call('create_initial_tag_by_dataset_id', { path: { datasetId }, body });
    const query = { fileNameFormat: 'DATASOURCE_FULL' };
    expect(await names({ datasetId, tagId }, query)).toBe('gs://their-bucket/cameras/a/b.jpg');
  });

  test.each([
    ['OBS', 'obs://their-bucket/cameras', 'their-bucket', 'obs://their-bucket/cameras/image-0.jpg'],
    ['AZURE', 'their-container/cameras', 'their-container', 'azure://their-container/cameras/image-0.jpg'],
    ['LOCAL', 'cameras', 'http://localhost:3456', 'cameras/image-0.jpg'],
  ])('of images in a datasource of type %s are its words', async (type, fullPath, bucket, expected) => {
    const inPlace = (sample: Sample) => ({ ...sample, bucket, key: `cameras/${sample.fileName}` });
    const dataset = await datasetWithSamples(world, 2, (sample) =>
      sample.index === 0 ? inPlace(sample) : sample,
    );
    const { id: tagId } = await addInitialTag(world, dataset);
    const keys = {
      OBS: { obsEndpoint: 'https://obs.example.com', obsAccessKeyId: 'a', obsSecretAccessKey: 'b' },
      AZURE: { accountName: 'a', accountKey: 'b' },
      LOCAL: {},
    }[type];
    const config = { type, purpose: 'INPUT', fullPath, ...keys } as DatasourceConfig;
    const stored = { datasetId: dataset.id, version: 1, configs: [config], lastModifiedAt: 1 };
    await world.deps.datasources.replace(stored);
    const landed = `s3://${world.deps.buckets.landing}/${dataset.name}/image-1.jpg`;
    const query = { fileNameFormat: 'DATASOURCE_FULL' };
    expect(await names({ datasetId: dataset.id, tagId }, query)).toBe(`${expected}\n${landed}`);
  });

  test('are cut short visibly where a sample can not be found', async () => {
    const dataset = await datasetWithSamples(world, 3);
    const whole = someTag(dataset.id, { name: 'too large', bitMaskData: maskOfRange(0, 9), totSize: 9 });
    const { id: tagId } = await world.deps.tags.create(whole);
    const { status } = await world.refused('export_tag_to_basic_filenames', {
      path: { datasetId: dataset.id, tagId },
    });
    expect(status).toBe(503);
  });
});

describe('the zip of a tag', () => {
  test('holds its images, and names those that are gone', async () => {
    const dataset = await datasetWithSamples(world, 4, (sample) => ({
      ...sample,
      fileName: ['../../etc/passwd', 'C:\\windows\\b.jpg', '/absolute.jpg', 'gone.jpg'][sample.index] ?? '',
    }));
    for (const index of [0, 1, 2]) {
      // Renamed since: they stay where they are.
      const { bucket, prefix } = dataset.landingFolder;
      const place = { bucket, key: `${prefix}image-${index}.jpg` };
      await world.deps.objects.put(place, `image ${index}`, { contentType: 'image/jpeg' });
    }
    const { id: tagId } = await addInitialTag(world, dataset);
    const path = { datasetId: dataset.id, tagId };
    const zip = await world.call('download_zip_of_samples_by_tag_id', { path });
    const files = await unzip(zip as unknown as Buffer);
    expect(Object.fromEntries([...files].map(([name, bytes]) => [name, bytes.toString()]))).toEqual({
      '_/_/etc/passwd': 'image 0',
      '_C:/windows/b.jpg': 'image 1',
      '_/absolute.jpg': 'image 2',
      'missing-files.txt': 'gone.jpg\n',
    });
  });

  test('is refused for more than a thousand images, and without a tag', async () => {
    const dataset = await datasetWithSamples(world, 1);
    const large = someTag(dataset.id, { bitMaskData: maskOfRange(0, 1_001), totSize: 1_001 });
    const { id: tagId } = await world.deps.tags.create(large);
    const path = { datasetId: dataset.id, tagId };
    expect(await world.refused('download_zip_of_samples_by_tag_id', { path })).toMatchObject({
      status: 400,
      error: { error: expect.stringContaining('1000') },
    });
    const unknown = { path: { ...path, tagId: newId() } };
    expect((await world.refused('download_zip_of_samples_by_tag_id', unknown)).status).toBe(404);
  });
});
