import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sampleIdOf } from '#platform/samples/sample-id';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { newId } from '../support/documents.ts';

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
