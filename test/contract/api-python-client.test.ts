import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.stop());

test('the query has booleans as the Python client writes them, and nothing else that resembles them', async () => {
  await world.call('create_dataset', { body: { name: 'Written by Python' } });
  const query = { datasetName: 'Written by Python' };
  const { send } = world;
  const named = async (shared: string, exact: string) => {
    const { body } = await send('get_datasets_query_by_name', {
      path: query,
      query: { shared, exact },
    });
    return (body as { name: string }[]).map(({ name }) => name);
  };
  expect(await named('False', 'True')).toEqual(['Written by Python']);
  expect(await named('True', 'False')).toEqual([]);
  for (const shared of ['TRUE', 'yes', '1']) {
    const refused = await world.refused('get_datasets_query_by_name', { path: query, query: { shared } });
    expect(refused).toMatchObject({ status: 400, error: { error: expect.stringContaining('$.shared') } });
  }
});

test('a dataset whose client says nothing of its images has whole images, which clients then download', async () => {
  const { id } = await world.call('create_dataset', { body: { name: 'Whole images' } });
  const dataset = await world.call('get_dataset_by_id', { path: { datasetId: id } });
  expect(dataset.imgType).toBe('full');
});
