import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { datasetCache } from '../../functions/ingest/dataset-cache.ts';
import { type DatasourceWorld, type MadeDataset, startDatasourceWorld } from '../support/datasource-world.ts';

let world: DatasourceWorld;
let before: Awaited<ReturnType<DatasourceWorld['addUser']>>;
let next: Awaited<ReturnType<DatasourceWorld['addUser']>>;
beforeAll(async () => {
  world = await startDatasourceWorld();
  before = await world.addUser('before@example.com');
  next = await world.addUser('next@example.com');
});
afterAll(() => world.stop());

/** The name of a dataset that was deleted, and has left an image in its landing folder. */
async function nameLeftBehind(): Promise<string> {
  const dataset = await world.newDataset(before.token);
  await world.putInput(dataset, 'left.jpg');
  await world.call('delete_dataset_by_id', { path: dataset.path, token: before.token });
  return dataset.name;
}
async function created(name: string): Promise<MadeDataset> {
  const { id } = await world.call('create_dataset', { body: { name }, token: next.token });
  return { path: { datasetId: id }, name };
}
async function renamed(name: string): Promise<MadeDataset> {
  const { path } = await world.newDataset(next.token);
  await world.call('update_dataset_by_id', { path, body: { name }, token: next.token });
  return { path, name };
}
async function listed({ path }: MadeDataset): Promise<string[]> {
  const LIST = 'get_list_of_raw_samples_from_datasource_by_dataset_id';
  const { data } = await world.call(LIST, { path, token: next.token });
  return data.map(({ fileName }) => fileName);
}
/** S3 tells when an object was modified in whole seconds. */
const aSecondLater = () => new Promise((resolve) => setTimeout(resolve, 1_100));

describe('what a deleted dataset has left in its landing folder', () => {
  test.each([
    ['is made with', created],
    ['is renamed to', renamed],
  ])('is not shown by one of somebody else that %s its name', async (_, take) => {
    const dataset = await take(await nameLeftBehind());
    await aSecondLater();
    await world.putInput(dataset, 'own.jpg');
    expect(await listed(dataset)).toEqual(['own.jpg']);
    const { path } = dataset;
    const redirect = (file: string) =>
      world.send('get_resource_read_url_redirect', { path, query: { path: file }, token: next.token });
    expect((await redirect('left.jpg')).status).toBe(404);
    expect((await redirect('own.jpg')).status).toBe(302);
    const head = { path, query: { fileName: 'left.jpg' }, token: next.token };
    expect(await world.refused('get_head_file_read_url_from_datasource_by_dataset_id', head)).toMatchObject({
      status: 404,
    });
  });

  test.each([
    ['moves along', false],
    ['stays where it is', true],
  ])(
    'is not taken in by a dataset that is renamed to its name and whose own folder %s',
    async (_, isFilled) => {
      const name = await nameLeftBehind();
      const leftAt = Date.now();
      const dataset = await world.newDataset(next.token);
      if (isFilled) await world.putInput(dataset, 'own.jpg');
      const { path } = dataset;
      await world.call('update_dataset_by_id', { path, body: { name }, token: next.token });
      const ofImage = datasetCache(world.deps.datasets, world.deps.buckets, Date.now);
      expect(await ofImage(name, leftAt - 60_000)).toBeUndefined();
      expect((await ofImage(name, leftAt + 60_000))?.id).toBe(path.datasetId);
      expect(await ofImage(name, leftAt - 60_000)).toBeUndefined();
    },
  );
});
