import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newLandingDataset } from '#platform/datasets/datasets';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { newId } from '../support/documents.ts';
import { landing } from '../support/landing.ts';

let world: ApiWorld;
let bob: Awaited<ReturnType<ApiWorld['addUser']>>;
beforeAll(async () => {
  world = await startApiWorld();
  bob = await world.addUser('bob@example.com');
});
afterAll(() => world.stop());

let made = 0;
const newName = () => `cats ${++made}`;
const create = async (name = newName(), token?: string) => {
  const { id } = await world.call('create_dataset', { body: { name }, ...(token && { token }) });
  return { id, name, path: { datasetId: id } };
};

describe('a dataset', () => {
  test('is created with what its creator says of it', async () => {
    const name = newName();
    const parent = await create();
    const body = {
      name,
      type: 'Videos',
      imgType: 'full',
      parentDatasetId: parent.id,
      creator: 'USER_PIP',
    } as const;
    const { id } = await world.call('create_dataset', { body, token: await sharedTokenOf(parent.id) });
    expect(await world.call('get_dataset_by_id', { path: { datasetId: id } })).toEqual({
      ...{ id, name, userId: bob.user.id, accessType: 'WRITE', type: 'Videos', imgType: 'full' },
      ...{ nSamples: 0, sizeInBytes: 0, datasourceProcessedUntilTimestamp: 0, parentDatasetId: parent.id },
      ...{ createdAt: expect.any(Number), lastModifiedAt: expect.any(Number) },
    });
  });

  test('has a name that no other one has, whoever owns it', async () => {
    const { name } = await create();
    for (const token of [undefined, bob.token]) {
      const refusal = await world.refused('create_dataset', { body: { name }, ...(token && { token }) });
      expect(refusal).toMatchObject({ status: 409, error: { code: 'DATASET_NAME_EXISTS' } });
      expect(refusal.error.error).toContain(name);
    }
  });

  test('is made once where many ask for the same name at the same moment', async () => {
    const name = newName();
    const statuses = await Promise.all(
      Array.from({ length: 8 }, async () => (await world.send('create_dataset', { body: { name } })).status),
    );
    expect(statuses.sort()).toEqual([201, ...Array.from({ length: 7 }, () => 409)]);
  });

  test.each(['', 'ab', '-ab', 'a/b', 'ä'.repeat(5), 'a'.repeat(256)])(
    'can not be called %p',
    async (name) => {
      const { status, error } = await world.refused('create_dataset', { body: { name } });
      expect(status).toBe(400);
      expect(error.error).toContain('name');
    },
  );

  test('that the landing bucket made has its name, and belongs to the administrator', async () => {
    const name = newName();
    const { id } = await world.deps.datasets.ensure(name, (id) =>
      newLandingDataset(id, name, world.deps.buckets, 1_700_000_000_000),
    );
    const [found] = await world.call('get_datasets_query_by_name', {
      path: { datasetName: name },
      query: { exact: true },
    });
    expect(found?.id).toBe(id);
    expect((await world.refused('create_dataset', { body: { name } })).status).toBe(409);
  });

  test('that was created takes the images of its landing folder', async () => {
    const { id, name } = await create();
    const ensured = await world.deps.datasets.ensure(name, () => {
      throw new Error('made again');
    });
    expect(ensured).toMatchObject({ id, landingFolder: { prefix: `${name}/` } });
  });

  test('is a child only of a dataset that its creator may use', async () => {
    const parent = await create();
    const body = (parentDatasetId: string) => ({ name: newName(), parentDatasetId });
    expect((await world.refused('create_dataset', { body: body(parent.id), token: bob.token })).status).toBe(
      403,
    );
    expect(await world.refused('create_dataset', { body: body(newId()) })).toMatchObject({
      status: 404,
      error: { code: 'DATASET_UNKNOWN' },
    });
  });

  test('lists its children, those that the caller may use', async () => {
    const parent = await create();
    const token = await sharedTokenOf(parent.id);
    const child = async (as: string | undefined) => {
      const body = { name: newName(), parentDatasetId: parent.id };
      return (await world.call('create_dataset', { body, ...(as && { token: as }) })).id;
    };
    const [mine, theirs] = [await child(undefined), await child(token)];
    const listed = async (call: object) =>
      (await world.call('get_children_of_dataset_id', { path: parent.path, ...call }))
        .map(({ id }) => id)
        .sort();
    expect(await listed({})).toEqual([mine, theirs].sort());
    expect(await listed({ token })).toEqual([theirs]);
  });

  test('is the last modified one after an upload was registered', async () => {
    const { path } = await create();
    const before = await world.call('get_dataset_by_id', { path });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await world.call('register_dataset_upload_by_id', { path, body: { total: 3, processed: 0 } });
    const after = await world.call('get_dataset_by_id', { path });
    expect(after.lastModifiedAt).toBeGreaterThan(before.lastModifiedAt);
  });
});

/** The token of bob, with whom the dataset is shared from now on. */
async function sharedTokenOf(datasetId: string): Promise<string> {
  const body = { accessType: 'WRITE' as const, users: [bob.user.email] };
  await world.call('create_or_update_shared_access_config_by_dataset_id', { path: { datasetId }, body });
  return bob.token;
}

describe('renaming', () => {
  test('moves the landing folder along while it is empty, and frees the old name', async () => {
    const { id, name, path } = await create();
    const renamed = newName();
    await world.call('update_dataset_by_id', { path, body: { name: renamed } });
    expect(await world.call('get_dataset_by_id', { path })).toMatchObject({ name: renamed });
    expect(await world.deps.datasets.get(id)).toMatchObject({ landingFolder: { prefix: `${renamed}/` } });
    expect((await create(name)).id).not.toBe(id);
  });

  test('keeps the landing folder, and its name, while there are images in it', async () => {
    const { id, name, path } = await create();
    await landing(world.storage.s3, world.deps.buckets.landing).put(`${name}/a.jpg`, new Uint8Array([1]));
    const renamed = newName();
    await world.call('update_dataset_by_id', { path, body: { name: renamed } });
    expect(await world.deps.datasets.get(id)).toMatchObject({ landingFolder: { prefix: `${name}/` } });
    expect((await world.deps.datasets.findByName(name))?.id).toBe(id);
    expect(await world.refused('create_dataset', { body: { name } })).toMatchObject({
      error: { code: 'DATASET_NAME_EXISTS' },
    });
    const query = { exact: true };
    const byOldName = await world.call('get_datasets_query_by_name', { path: { datasetName: name }, query });
    expect(byOldName).toEqual([]);
    await world.call('update_dataset_by_id', { path, body: { name } });
    expect((await create(renamed)).id).not.toBe(id);
  });

  test('to a name that is taken is refused, and changes nothing', async () => {
    const [first, second] = [await create(), await create()];
    const refusal = await world.refused('update_dataset_by_id', {
      path: first.path,
      body: { name: second.name },
    });
    expect(refusal).toMatchObject({ status: 409, error: { code: 'DATASET_NAME_EXISTS' } });
    expect(await world.call('get_dataset_by_id', { path: first.path })).toMatchObject({ name: first.name });
    expect(await world.call('get_dataset_by_id', { path: second.path })).toMatchObject({ name: second.name });
  });

  test('to its own name changes nothing', async () => {
    const { path, name } = await create();
    await world.call('update_dataset_by_id', { path, body: { name } });
    expect(await world.call('get_dataset_by_id', { path })).toMatchObject({ name });
  });

  test('of two datasets to the same name at the same moment succeeds once', async () => {
    const name = newName();
    const racers = await Promise.all(Array.from({ length: 6 }, () => create()));
    const statuses = await Promise.all(
      racers.map(
        async ({ path }) => (await world.send('update_dataset_by_id', { path, body: { name } })).status,
      ),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(5);
    const bearers = await world.call('get_datasets_query_by_name', {
      path: { datasetName: name },
      query: { exact: false },
    });
    expect(bearers).toHaveLength(1);
  });
});
