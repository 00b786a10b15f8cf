import { afterEach, describe, expect, test } from '@jest/globals';
import { DatasetDoesNotExistError, InvalidArgumentError } from '../../client/index.ts';
import {
  type ClientWorld,
  DATASET_ID,
  datasetData,
  objectId,
  pageOf,
  startClientWorld,
} from '../support/client-world.ts';
import { Refusal } from '../support/protocol-server.ts';

let world: ClientWorld;
const start = async (...how: Parameters<typeof startClientWorld>) => {
  world = await startClientWorld(...how);
  return world;
};
afterEach(async () => world.server.stop());

const named = (name: string, number: number) =>
  datasetData({ id: objectId(number), name, lastModifiedAt: number });

describe('paging', () => {
  const own = Array.from({ length: 12_000 }, (_, number) => named(`set-${number}`, number));

  test('goes on until a page is short, and sends datasets as they come', async () => {
    const { client, server } = await start({ get_datasets: ({ query }) => pageOf(own, query) });
    await expect(client.getDatasets()).resolves.toEqual(own);
    expect(server.calls.map(({ query }) => query)).toEqual([
      { shared: false, pageSize: 5000, pageOffset: 0 },
      { shared: false, pageSize: 5000, pageOffset: 5000 },
      { shared: false, pageSize: 5000, pageOffset: 10_000 },
    ]);
    const [first] = [await client.getDatasetsIter().next()];
    expect(first.value).toEqual(own[0]);
    expect(server.calls).toHaveLength(4);
  });

  test('asks once more after a full last page', async () => {
    const { client, server } = await start({
      get_datasets: ({ query }) => pageOf(own.slice(0, 5000), query),
    });
    await expect(client.getDatasets()).resolves.toHaveLength(5000);
    expect(server.calls).toHaveLength(2);
  });

  test('takes file names in larger pages', async () => {
    const names = Array.from({ length: 60_000 }, (_, number) => `${number}.jpg`);
    const { client, server } = await start({
      get_sample_mappings_by_dataset_id: ({ query }) => pageOf(names, query),
    });
    await expect(client.getFilenames()).resolves.toEqual(names);
    expect(server.calls).toHaveLength(3);
  });
});

describe('datasets', () => {
  const handlers = {
    get_datasets: ({ query }: { query: { shared?: boolean; getAssetsOfTeam?: boolean } }) => {
      if (query.getAssetsOfTeam) return [named('team', 3), named('shared', 2)];
      return query.shared ? [named('shared', 2)] : [named('own', 1)];
    },
  };

  test.each([
    [false, ['own']],
    [true, ['shared', 'team']],
    [null, ['own', 'shared', 'team']],
  ])('with shared: %j are %j, each once', async (shared, names) => {
    const { client } = await start(handlers);
    expect((await client.getDatasets({ shared })).map(({ name }) => name)).toEqual(names);
  });

  test('all of them are those of oneself and of others', async () => {
    const { client } = await start(handlers);
    await expect(client.getAllDatasets()).resolves.toHaveLength(3);
  });

  test('without a choice the one changed last is used, and the user is told', async () => {
    const options = { datasetId: undefined } as object;
    const { client, warnings } = await start(
      {
        get_datasets: () => [named('older', 1), named('newest', 5), named('old', 3)],
        get_dataset_by_id: ({ path }) => datasetData({ id: path.datasetId, type: 'Videos' }),
      },
      options,
    );
    expect(client.datasetId).toBeUndefined();
    await expect(client.getDatasetType()).resolves.toBe('Videos');
    expect(client.datasetId).toBe(objectId(5));
    expect(warnings).toEqual([expect.stringContaining("'newest'")]);
  });

  test('without any there is none to use', async () => {
    const { client } = await start({ get_datasets: () => [] }, { datasetId: undefined } as object);
    await expect(client.getDatasetId()).rejects.toThrow('createDataset()');
  });
});

describe('choosing a dataset', () => {
  test('by an id that exists', async () => {
    const { client } = await start({ get_dataset_by_id: ({ path }) => datasetData({ id: path.datasetId }) });
    await client.setDatasetId(objectId(7));
    expect(client.datasetId).toBe(objectId(7));
  });

  test('by an id that does not changes nothing', async () => {
    const { client } = await start({
      get_dataset_by_id: () => {
        throw new Refusal(404, 'DATASET_UNKNOWN');
      },
    });
    await expect(client.setDatasetId(objectId(7))).rejects.toThrow(DatasetDoesNotExistError);
    expect(client.datasetId).toBe(DATASET_ID);
  });

  test('by a name that several have takes the first, and says so', async () => {
    const { client, server, warnings } = await start({
      get_datasets_query_by_name: () => [named('cats', 1), named('cats', 2)],
    });
    await client.setDatasetIdByName('cats');
    expect(client.datasetId).toBe(objectId(1));
    expect(warnings).toEqual([expect.stringContaining(objectId(2))]);
    expect(server.calls[0]).toMatchObject({ path: { datasetName: 'cats' }, query: { exact: true } });
  });

  test('by a name that nobody has', async () => {
    const { client } = await start({ get_datasets_query_by_name: () => [] });
    await expect(client.setDatasetIdByName('cats')).rejects.toThrow(DatasetDoesNotExistError);
  });

  test('an odd name reaches the server as it is', async () => {
    const { client, server } = await start({ get_datasets_query_by_name: () => [] });
    await client.datasetNameExists('a/b?c #1 ü');
    expect(server.calls[0]?.path).toEqual({ datasetName: 'a/b?c #1 ü' });
  });
});

describe('making a dataset', () => {
  test('uses it from then on', async () => {
    const { client, server } = await start({
      get_datasets_query_by_name: () => [],
      create_dataset: () => ({ id: objectId(9) }),
    });
    await expect(client.createDataset('cats', { type: 'Videos' })).resolves.toBe(objectId(9));
    expect(client.datasetId).toBe(objectId(9));
    expect(server.callsOf('create_dataset')[0]?.body).toEqual({
      name: 'cats',
      type: 'Videos',
      creator: 'USER_PIP',
    });
  });

  test('refuses a name that is taken', async () => {
    const { client } = await start({ get_datasets_query_by_name: () => [named('cats', 1)] });
    await expect(client.createDataset('cats')).rejects.toThrow(InvalidArgumentError);
  });

  test('can find a name that is free', async () => {
    const { client, server } = await start({
      get_datasets_query_by_name: () => ['cats', 'cats_1', 'cats_3', 'catsuit'].map(named),
      create_dataset: () => ({ id: objectId(9) }),
    });
    await client.createNewDatasetWithUniqueName('cats');
    expect(server.callsOf('create_dataset')[0]?.body).toMatchObject({ name: 'cats_2', type: 'Images' });
  });
});

test('a deleted dataset is not used any more', async () => {
  const { client } = await start({ delete_dataset_by_id: () => undefined });
  await client.deleteDatasetById(objectId(1));
  expect(client.datasetId).toBe(DATASET_ID);
  await client.deleteDatasetById(DATASET_ID);
  expect(client.datasetId).toBeUndefined();
});

test('a dataset is shared with exactly the users that are named', async () => {
  const users = ['ann@example.com', 'bob@example.com'];
  const { client, server } = await start({
    create_or_update_shared_access_config_by_dataset_id: () => ({ id: objectId(1) }),
    get_shared_access_configs_by_dataset_id: () => [
      {
        id: objectId(1),
        owner: 'me',
        users,
        teams: [],
        createdAt: 1,
        lastModifiedAt: 1,
        accessType: 'WRITE',
      },
    ],
  });
  await client.shareDatasetOnlyWith(DATASET_ID, users);
  expect(server.calls[0]?.body).toEqual({ accessType: 'WRITE', users, creator: 'USER_PIP' });
  await expect(client.getSharedUsers(DATASET_ID)).resolves.toEqual(users);
});

test('a dataset that is shared with nobody has no shared users', async () => {
  const { client } = await start({ get_shared_access_configs_by_dataset_id: () => [] });
  await expect(client.getSharedUsers(DATASET_ID)).resolves.toEqual([]);
});
