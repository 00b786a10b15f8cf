import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type DatasourceWorld, startDatasourceWorld } from '../support/datasource-world.ts';

let world: DatasourceWorld;
beforeAll(async () => {
  world = await startDatasourceWorld();
});
afterAll(() => world.stop());

describe("files of Winnow's own buckets", () => {
  test('pass the verification, which leaves nothing behind', async () => {
    const { path } = await world.newDataset();
    expect(await world.call('verify_datasource_by_dataset_id', { path })).toEqual({
      canRead: true,
      canWrite: true,
      canList: true,
      canOverwrite: true,
    });
    const left: string[] = [];
    for await (const { key } of world.deps.objects.list(world.platform, '')) left.push(key);
    expect(left.filter((key) => key.includes('verify'))).toEqual([]);
  });

  test('are listed page by page with URLs that read them', async () => {
    const dataset = await world.newDataset();
    const { path } = dataset;
    await Promise.all(['a.png', 'b/c.jpg', 'notes.txt'].map((file) => world.putInput(dataset, file, file)));
    const page = await world.call('get_list_of_raw_samples_from_datasource_by_dataset_id', { path });
    expect(page).toMatchObject({ hasMore: false, cursor: '' });
    const read = page.data.map(async ({ fileName, readUrl }) => [
      fileName,
      await (await fetch(readUrl)).text(),
    ]);
    expect(await Promise.all(read)).toEqual([
      ['a.png', 'a.png'],
      ['b/c.jpg', 'b/c.jpg'],
    ]);
  });

  test('are reached through the API with a redirected URL, without a token of the caller', async () => {
    const dataset = await world.newDataset();
    const { path } = dataset;
    await world.putInput(dataset, 'ä b+c.png', 'content');
    const { data } = await world.call('get_list_of_raw_samples_from_datasource_by_dataset_id', {
      path,
      query: { useRedirectedReadUrl: true },
    });
    const url = new URL(data[0]!.readUrl);
    expect(url.origin + url.pathname).toBe(
      `http://localhost/v1/datasets/${path.datasetId}/datasource/readurlRedirect`,
    );
    const query = { path: url.searchParams.get('path')! };
    const publicToken = url.searchParams.get('publicToken')!;
    const { status, headers } = await world.send('get_resource_read_url_redirect', {
      path,
      query,
      publicToken,
    });
    expect(status).toBe(302);
    expect(await (await fetch(headers.location!)).text()).toBe('content');
    const other = { path, query: { path: 'other.png' }, publicToken };
    expect(await world.refused('get_resource_read_url_redirect', other)).toMatchObject({ status: 401 });
  });

  test('redirect who has access to the dataset, and nobody else', async () => {
    const dataset = await world.newDataset();
    const { path } = dataset;
    await world.putInput(dataset, 'a.png', 'content');
    const query = { path: 'a.png' };
    const { headers } = await world.send('get_resource_read_url_redirect', { path, query });
    expect(await (await fetch(headers.location!)).text()).toBe('content');
    const { token } = await world.addUser(`stranger-${path.datasetId}@e.example`);
    expect(await world.refused('get_resource_read_url_redirect', { path, query, token })).toMatchObject({
      status: 403,
    });
  });

  test('of predictions are written and read by URL, and listed by task', async () => {
    const { path } = await world.newDataset();
    const fileName = 'some/task/a/b.json';
    const url = await world.call('get_prediction_file_write_url_from_datasource_by_dataset_id', {
      path,
      query: { fileName },
    });
    expect((await fetch(url, { method: 'PUT', body: '{}' })).status).toBe(200);
    const read = await world.call('get_prediction_file_read_url_from_datasource_by_dataset_id', {
      path,
      query: { fileName },
    });
    expect(await (await fetch(read)).text()).toBe('{}');
    const { data } = await world.call('get_list_of_raw_samples_predictions_from_datasource_by_dataset_id', {
      path,
      query: { taskName: 'some/task' },
    });
    expect(data.map((row) => row.fileName)).toEqual([`.lightly/predictions/${fileName}`]);
  });

  test.each([
    ['metadata', 'get_metadata_file_read_url_from_datasource_by_dataset_id'],
    ['embeddings', 'get_custom_embedding_file_read_url_from_datasource_by_dataset_id'],
  ] as const)('of %s are read by URL', async (folder, operation) => {
    const dataset = await world.newDataset();
    const { path } = dataset;
    await world.putLightly(dataset, `.lightly/${folder}/a.json`, folder);
    const url = await world.call(operation, { path, query: { fileName: 'a.json' } });
    expect(await (await fetch(url)).text()).toBe(folder);
  });

  test('are asked for with a URL for HEAD, whether they are there or not', async () => {
    const dataset = await world.newDataset();
    const { path } = dataset;
    await world.putInput(dataset, 'a.png');
    const statusOf = async (fileName: string) => {
      const operation = 'get_head_file_read_url_from_datasource_by_dataset_id';
      const url = await world.call(operation, { path, query: { fileName } });
      return (await fetch(url, { method: 'HEAD' })).status;
    };
    expect([await statusOf('a.png'), await statusOf('b.png')]).toEqual([200, 404]);
  });

  test.each([
    'get_custom_embedding_file_read_url_from_datasource_by_dataset_id',
    'get_head_file_read_url_from_datasource_by_dataset_id',
    'get_metadata_file_read_url_from_datasource_by_dataset_id',
    'get_prediction_file_read_url_from_datasource_by_dataset_id',
    'get_prediction_file_write_url_from_datasource_by_dataset_id',
  ] as const)('never lie outside of it: %s', async (operation) => {
    const { path } = await world.newDataset();
    const hostile = ['../../x.json', '/etc/passwd', 'a/./b.json', 'a\u0000.json', 'x'.repeat(1100)];
    for (const fileName of hostile) {
      expect(await world.refused(operation, { path, query: { fileName } })).toMatchObject({ status: 400 });
    }
  });

  test('never lie outside of it: redirects', async () => {
    const { path } = await world.newDataset();
    for (const hostile of ['../x', '/x', '', '.lightly/../../x']) {
      const call = { path, query: { path: hostile } };
      expect(await world.refused('get_resource_read_url_redirect', call)).toMatchObject({ status: 400 });
    }
  });
});
