import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type DatasourceWorld, startDatasourceWorld } from '../support/datasource-world.ts';

let world: DatasourceWorld;
beforeAll(async () => {
  world = await startDatasourceWorld();
});
afterAll(() => world.stop());

describe('relevant files', () => {
  const LIST = 'get_list_of_raw_samples_from_datasource_by_dataset_id';
  const METADATA = 'get_list_of_raw_samples_metadata_from_datasource_by_dataset_id';

  test('limit listings to the files of a list', async () => {
    const dataset = await world.newDataset();
    const { path } = dataset;
    await Promise.all(['a.png', 'b.png', 'c/d.png'].map((file) => world.putInput(dataset, file)));
    await world.putLightly(dataset, '.lightly/relevant.txt', 'a.png\nc/*');
    await Promise.all(
      ['a.json', 'b.json', 'schema.json'].map((file) =>
        world.putLightly(dataset, `.lightly/metadata/${file}`, '{}'),
      ),
    );
    const query = { relevantFilenamesFileName: '.lightly/relevant.txt' };
    const samples = await world.call(LIST, { path, query });
    expect(samples.data.map(({ fileName }) => fileName)).toEqual(['a.png', 'c/d.png']);
    const metadata = await world.call(METADATA, { path, query });
    expect(metadata.data.map(({ fileName }) => fileName)).toEqual(['.lightly/metadata/a.json']);
    await world.putLightly(dataset, '.lightly/relevant.txt', 'b.png\n#changed, and read again');
    const again = await world.call(LIST, { path, query });
    expect(again.data.map(({ fileName }) => fileName)).toEqual(['b.png']);
  });

  test.each([
    ['that is not there', '.lightly/none.txt'],
    ['outside of .lightly/', 'relevant.txt'],
    ['that is not valid', '.lightly/bad.txt'],
    ['of more patterns than can be compared', '.lightly/patterns.txt'],
  ])('are refused from a list %s', async (_, relevantFilenamesFileName) => {
    const dataset = await world.newDataset();
    const { path } = dataset;
    await world.putLightly(dataset, '.lightly/bad.txt', '/absolute.png');
    await world.putLightly(dataset, '.lightly/patterns.txt', `* ${'a'.repeat(250)}\n`.repeat(401));
    const { status, error } = await world.refused(LIST, { path, query: { relevantFilenamesFileName } });
    expect({ status, code: error.code }).toEqual({
      status: 400,
      code: 'DATASET_DATASOURCE_RELEVANT_FILENAMES_INVALID',
    });
  });

  test('come from no run of another dataset, and need run and artifact', async () => {
    const { path } = await world.newDataset();
    const id = 'a'.repeat(24);
    const both = { relevantFilenamesRunId: id, relevantFilenamesArtifactId: id };
    expect(await world.refused(METADATA, { path, query: both })).toMatchObject({
      status: 404,
      error: { code: 'DOCKER_RUN_UNKNOWN' },
    });
    const one = { relevantFilenamesRunId: id };
    expect(await world.refused(METADATA, { path, query: one })).toMatchObject({ status: 400 });
  });
});

describe('cursors', () => {
  const LIST = 'get_list_of_raw_samples_from_datasource_by_dataset_id';
  const DNC = 'get_divide_and_conquer_list_of_raw_samples_from_datasource_by_dataset_id';

  test('of a split listing have every file once, and keep its time range', async () => {
    const dataset = await world.newDataset();
    const { path } = dataset;
    const files = Array.from({ length: 40 }, (_, at) => `img-${at + 10}.png`);
    await Promise.all(files.map((file) => world.putInput(dataset, file)));
    const { cursors } = await world.call(DNC, { path, query: { dncShards: 4 } });
    expect(cursors).toHaveLength(4);
    const pages = await Promise.all(cursors.map((cursor) => world.call(LIST, { path, query: { cursor } })));
    expect(pages.flatMap(({ data }) => data.map(({ fileName }) => fileName))).toEqual(files);
    const early = await world.call(DNC, { path, query: { dncShards: 1, from: 0, to: 1 } });
    const [cursor] = early.cursors;
    const { data } = await world.call(LIST, { path, query: { cursor: cursor!, from: 0, to: 9_999_999_999 } });
    expect(data).toEqual([]);
  });

  test.each([
    ['are text', 'nonsense'],
    ['are JSON of another kind', Buffer.from('{"scope":{"kind":"samples"}}').toString('base64url')],
    ['have more than they should', Buffer.from('{"scope":{},"bucket":"mine"}').toString('base64url')],
    ['are endless', 'e30'.repeat(20_000)],
  ])('are refused that %s', async (_, cursor) => {
    const { path } = await world.newDataset();
    expect(await world.refused(LIST, { path, query: { cursor } })).toMatchObject({ status: 400 });
  });

  test('of one kind are refused by another, and never lead to other datasets', async () => {
    const dataset = await world.newDataset();
    const { path } = dataset;
    const other = await world.newDataset();
    await Promise.all([world.putInput(dataset, 'a.png'), world.putInput(other, 'secret.png')]);
    const { cursors } = await world.call(
      'get_divide_and_conquer_list_of_raw_samples_metadata_from_datasource_by_dataset_id',
      { path, query: { dncShards: 1 } },
    );
    expect(await world.refused(LIST, { path, query: { cursor: cursors[0] } })).toMatchObject({ status: 400 });
    const scope = { kind: 'samples', from: 0, to: 9_999_999_999 };
    const hostile = { scope, after: '../', until: `../${other.name}/zzz` };
    const cursor = Buffer.from(JSON.stringify(hostile)).toString('base64url');
    const { data } = await world.call(LIST, { path, query: { cursor } });
    expect(data.map(({ fileName }) => fileName)).not.toContain('secret.png');
    const broken = Buffer.from(JSON.stringify({ scope, after: '\ud800' })).toString('base64url');
    expect(await world.refused(LIST, { path, query: { cursor: broken } })).toMatchObject({ status: 400 });
  });

  test.each([
    'get_divide_and_conquer_list_of_raw_samples_metadata_from_datasource_by_dataset_id',
    'get_divide_and_conquer_list_of_raw_samples_predictions_from_datasource_by_dataset_id',
  ] as const)('are there also where nothing is to be listed: %s', async (operation) => {
    const { path } = await world.newDataset();
    const { cursors } = await world.call(operation, { path, query: { dncShards: 8, taskName: 'task' } });
    expect(cursors).toHaveLength(1);
  });
});
