import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { newId } from '../support/documents.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.stop());

let made = 0;
async function newDataset() {
  const { id } = await world.call('create_dataset', { body: { name: `configured ${++made}` } });
  return { datasetId: id };
}
const entry = (defaultValue: unknown) => ({
  ...{
    name: 'Weather',
    path: 'weather.description',
    defaultValue,
    valueDataType: 'CATEGORICAL_STRING' as const,
  },
});
const create = (path: { datasetId: string }, name = 'scenes') =>
  world.call('create_meta_data_configuration', { path, body: { name, configs: [entry('unknown')] } });

test('a configuration is kept, listed and read, and the newest one is the dataset’s own', async () => {
  const path = await newDataset();
  const [first, second] = [await create(path), await create(path)];
  expect(second.id).not.toBe(first.id);
  const listed = await world.call('get_meta_data_configurations', { path });
  expect(listed.map(({ id }) => id).sort()).toEqual([first.id, second.id].sort());
  const read = await world.call('get_meta_data_configuration_by_id', {
    path: { ...path, configurationId: first.id },
  });
  expect(read).toMatchObject({ id: first.id, name: 'scenes', configs: [entry('unknown')] });
  expect(await world.call('get_dataset_by_id', { path })).toMatchObject({
    metaDataConfigurationId: second.id,
  });
});

test.each([[null], [0], [false], [['a', 'b']], [{ a: { b: 1 } }]])(
  'a default value may be %p',
  async (value) => {
    const path = await newDataset();
    const { id } = await world.call('create_meta_data_configuration', {
      ...{ path, body: { name: 'scenes', configs: [entry(value)] } },
    });
    const read = await world.call('get_meta_data_configuration_by_id', {
      path: { ...path, configurationId: id },
    });
    expect(read.configs).toEqual([entry(value)]);
  },
);

test.each([1e300, 2 ** 60, 1e-300, { '': [null, { deep: true }] }, JSON.parse('{"__proto__": {"a": 1}}')])(
  'the default value %j comes back as it was given',
  async (defaultValue) => {
    const path = await newDataset();
    const body = { name: 'odd', configs: [entry(defaultValue)] };
    const { id } = await world.call('create_meta_data_configuration', { path, body });
    const read = () =>
      world.call('get_meta_data_configuration_by_id', { path: { ...path, configurationId: id } });
    const created = JSON.stringify((await read()).configs[0]?.defaultValue);
    expect(created).toBe(JSON.stringify(defaultValue));
    await world.call('update_meta_data_configuration_by_id', {
      path: { ...path, configurationId: id },
      body,
    });
    expect(JSON.stringify((await read()).configs[0]?.defaultValue)).toBe(created);
  },
);

test('a default value that is nested too deep is refused', async () => {
  const path = await newDataset();
  const deep = JSON.parse(`${'['.repeat(1_000)}${']'.repeat(1_000)}`);
  const body = { name: 'deep', configs: [entry('flat'), entry(deep)] };
  expect(await world.refused('create_meta_data_configuration', { path, body })).toMatchObject({
    status: 400,
    error: { error: expect.stringContaining('$.configs[1].defaultValue') },
  });
});

test('a configuration is replaced', async () => {
  const path = await newDataset();
  const { id } = await create(path);
  const call = { path: { ...path, configurationId: id }, body: { name: 'other', configs: [] } };
  await world.call('update_meta_data_configuration_by_id', call);
  const read = await world.call('get_meta_data_configuration_by_id', call);
  expect(read).toMatchObject({ name: 'other', configs: [] });
});

test('a configuration of another dataset is not found', async () => {
  const { id } = await create(await newDataset());
  const path = await newDataset();
  for (const configurationId of [id, newId()]) {
    const call = { path: { ...path, configurationId } };
    const unknown = { status: 404, error: { code: 'METADATA_CONFIGURATION_UNKNOWN' } };
    expect(await world.refused('get_meta_data_configuration_by_id', call)).toMatchObject(unknown);
    const body = { name: 'other', configs: [] };
    expect(await world.refused('update_meta_data_configuration_by_id', { ...call, body })).toMatchObject(
      unknown,
    );
  }
});

test.each([
  ['no entries at all', { name: 'x' }, 'configs'],
  [
    'a type that is not known',
    { name: 'x', configs: [{ ...entry(1), valueDataType: 'COLOUR' }] },
    '$.configs[0]',
  ],
  ['more than can be kept', { name: 'x', configs: [entry('y'.repeat(300_000))] }, 'configs'],
])('a configuration with %s is refused', async (_what, body, place) => {
  const path = await newDataset();
  const { status, error } = await world.refused('create_meta_data_configuration', { path, body });
  expect(status).toBe(400);
  expect(error.error).toContain(place);
  expect(await world.call('get_meta_data_configurations', { path })).toEqual([]);
});
