import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newLandingDataset } from '#platform/datasets/datasets';
import { sampleIdOf } from '#platform/samples/sample-id';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { newId } from '../support/documents.ts';
import { landing } from '../support/landing.ts';

let world: ApiWorld;
let bob: Awaited<ReturnType<ApiWorld['addUser']>>;
let carol: Awaited<ReturnType<ApiWorld['addUser']>>;
beforeAll(async () => {
  world = await startApiWorld();
  [bob, carol] = [await world.addUser('bob@example.com'), await world.addUser('carol@example.com')];
});
afterAll(() => world.stop());

let made = 0;
const newName = () => `cats ${++made}`;
const create = async (name = newName(), token?: string) => {
  const { id } = await world.call('create_dataset', { body: { name }, ...(token && { token }) });
  return { id, name, path: { datasetId: id } };
};
const namesOf = (datasets: readonly { readonly name: string }[]) => datasets.map(({ name }) => name);

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
    expect(ensured).toMatchObject({ id, inputDatasource: { prefix: `${name}/` } });
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

describe('lists of datasets', () => {
  test('are own ones, newest first, in pages that together are all of them', async () => {
    const { token } = await world.addUser('lists@example.com');
    const names: string[] = [];
    for (let at = 0; at < 5; at++) names.unshift((await create(newName(), token)).name);
    const page = async (query: object) => namesOf(await world.call('get_datasets', { query, token }));
    expect((await page({})).sort()).toEqual([...names].sort());
    const paged = [
      ...(await page({ pageSize: 2, pageOffset: 0 })),
      ...(await page({ pageSize: 2, pageOffset: 2 })),
      ...(await page({ pageSize: 2, pageOffset: 4 })),
    ];
    expect(paged).toEqual(await page({ shared: false }));
    expect(await page({ pageSize: 2, pageOffset: 6 })).toEqual([]);
  });

  test('of what is shared hold what others share with the caller or with the team, and nothing else', async () => {
    const dave = await world.addUser('dave@example.com');
    const [toDave, toTeam, own] = [await create(), await create(), await create(newName(), dave.token)];
    await create();
    const share = (datasetId: string, names: object) =>
      world.call('create_or_update_shared_access_config_by_dataset_id', {
        path: { datasetId },
        body: { accessType: 'WRITE', ...names },
      });
    await share(toDave.id, { users: ['DAVE@example.com'] });
    await share(toTeam.id, { teams: ['77696e6e6f770000000000ff'] });
    const listed = async (query: object) =>
      namesOf(await world.call('get_datasets', { query, token: dave.token })).sort();
    expect(await listed({ shared: true })).toEqual([toDave.name, toTeam.name].sort());
    expect(await listed({ getAssetsOfTeam: true })).toEqual([toTeam.name]);
    expect(await listed({ getAssetsOfTeamInclusiveSelf: true })).toEqual([toTeam.name, own.name].sort());
    expect(await listed({})).toEqual([own.name]);
    await share(toDave.id, { users: [] });
    expect(await listed({ shared: true })).toEqual([toTeam.name]);
  });

  test('of the team show an administrator what all others have', async () => {
    const theirs = await create(newName(), carol.token);
    const own = await create();
    const team = namesOf(await world.call('get_datasets', { query: { getAssetsOfTeam: true } }));
    expect(team).toContain(theirs.name);
    expect(team).not.toContain(own.name);
    const all = namesOf(await world.call('get_datasets', { query: { getAssetsOfTeamInclusiveSelf: true } }));
    expect(all).toEqual(expect.arrayContaining([theirs.name, own.name]));
  });

  test('by name find exactly one, or all that begin with it', async () => {
    const base = newName();
    const names = [base, `${base}_1`, `${base}_2`];
    for (const name of names) await create(name);
    const found = async (query: object, token?: string) =>
      namesOf(
        await world.call('get_datasets_query_by_name', {
          ...{ path: { datasetName: base }, query },
          ...(token && { token }),
        }),
      ).sort();
    expect(await found({ exact: true })).toEqual([base]);
    expect(await found({ exact: false })).toEqual(names);
    expect(await found({ exact: false, pageSize: 2, pageOffset: 2 })).toHaveLength(1);
    expect(await found({ exact: true, shared: true })).toEqual([]);
    expect(await found({ exact: true, getAssetsOfTeam: true })).toEqual([]);
    expect(await found({ exact: true }, bob.token)).toEqual([]);
  });

  test('by exact name find what is shared only where it is asked for', async () => {
    const { id, name } = await create();
    const token = await sharedTokenOf(id);
    const found = async (query: object) =>
      namesOf(await world.call('get_datasets_query_by_name', { path: { datasetName: name }, query, token }));
    expect(await found({ exact: true })).toEqual([]);
    expect(await found({ exact: true, shared: true })).toEqual([name]);
  });
});

describe('enriched datasets', () => {
  test('tell their first samples, and how many tags and embeddings they have', async () => {
    const { id, path, name } = await create();
    await world.deps.datasets.advance(id, { sampleCount: 12, processedUntil: 1_700_000_001_999 });
    const samples = Array.from({ length: 10 }, (_, index) => sampleIdOf(id, index));
    const enriched = { id, nSamples: 12, samples, nTags: 0, nEmbeddings: expect.any(Number) };
    const byName = await world.call('get_datasets_enriched_query_by_name', {
      path: { datasetName: name },
      query: { exact: true },
    });
    expect(byName).toEqual([expect.objectContaining(enriched)]);
    const byId = await world.call('get_datasets_enriched_query_by_ids', { query: { datasetIds: [id, id] } });
    expect(byId).toEqual(byName);
    expect(await world.call('get_dataset_by_id', { path })).toMatchObject({
      datasourceProcessedUntilTimestamp: 1_700_000_001,
    });
  });

  test('are the newest ones where a limit is given', async () => {
    const { token } = await world.addUser('enriched@example.com');
    const all = [await create(newName(), token), await create(newName(), token)];
    const list = (query: object) => world.call('get_datasets_enriched', { query, token });
    expect(await list({})).toHaveLength(2);
    expect(await list({ limit: 1 })).toHaveLength(1);
    expect(await list({ limit: 0 })).toEqual([]);
    expect(await list({ pageSize: 1, pageOffset: 2 })).toEqual([]);
    expect(all).toHaveLength(2);
  });

  test('by ids are refused where one of them is not known, or not the caller’s', async () => {
    const { id } = await create();
    const refusal = (datasetIds: string[], token?: string) =>
      world.refused('get_datasets_enriched_query_by_ids', { query: { datasetIds }, ...(token && { token }) });
    expect(await refusal([id, newId()])).toMatchObject({ status: 404, error: { code: 'DATASET_UNKNOWN' } });
    expect(await refusal([id], bob.token)).toMatchObject({ status: 403, error: { code: 'FORBIDDEN' } });
    const tooMany = Array.from({ length: 501 }, () => newId());
    expect((await refusal(tooMany)).error.error).toContain('datasetIds');
  });
});

describe('renaming', () => {
  test('moves the landing folder along while it is empty, and frees the old name', async () => {
    const { id, name, path } = await create();
    const renamed = newName();
    await world.call('update_dataset_by_id', { path, body: { name: renamed } });
    expect(await world.call('get_dataset_by_id', { path })).toMatchObject({ name: renamed });
    expect(await world.deps.datasets.get(id)).toMatchObject({ inputDatasource: { prefix: `${renamed}/` } });
    expect((await create(name)).id).not.toBe(id);
  });

  test('keeps the landing folder, and its name, while there are images in it', async () => {
    const { id, name, path } = await create();
    await landing(world.storage.s3, world.deps.buckets.landing).put(`${name}/a.jpg`, new Uint8Array([1]));
    const renamed = newName();
    await world.call('update_dataset_by_id', { path, body: { name: renamed } });
    expect(await world.deps.datasets.get(id)).toMatchObject({ inputDatasource: { prefix: `${name}/` } });
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
