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
  const { id } = await world.call('create_dataset', { body: { name: `shared ${++made}` } });
  return { datasetId: id };
}
const share = (path: { datasetId: string }, names: object, token?: string) =>
  world.call('create_or_update_shared_access_config_by_dataset_id', {
    ...{ path, body: { accessType: 'WRITE' as const, ...names } },
    ...(token && { token }),
  });
const configs = (path: { datasetId: string }) =>
  world.call('get_shared_access_configs_by_dataset_id', { path });
const mayRead = async (path: { datasetId: string }, token: string) =>
  (await world.send('get_dataset_by_id', { path, token })).status;

test('a dataset is shared with nobody at first', async () => {
  expect(await configs(await newDataset())).toEqual([]);
});

test('a dataset is shared with exactly the users who were given last', async () => {
  const path = await newDataset();
  const [eve, mallory] = [await world.addUser('eve@example.com'), await world.addUser('mallory@example.com')];
  const { id } = await share(path, { users: ['Eve@Example.com', 'Eve@Example.com'] });
  expect([await mayRead(path, eve.token), await mayRead(path, mallory.token)]).toEqual([200, 403]);
  expect((await share(path, { users: ['mallory@example.com'] })).id).toBe(id);
  expect([await mayRead(path, eve.token), await mayRead(path, mallory.token)]).toEqual([403, 200]);
  expect(await configs(path)).toEqual([
    expect.objectContaining({ id, accessType: 'WRITE', users: ['mallory@example.com'], teams: [] }),
  ]);
  await share(path, { users: [] });
  expect(await mayRead(path, mallory.token)).toBe(403);
});

test('what is not given stays as it is', async () => {
  const path = await newDataset();
  await share(path, { users: ['eve@example.com'], teams: ['77696e6e6f770000000000ff'] });
  await share(path, { users: [] });
  expect(await configs(path)).toMatchObject([{ users: [], teams: ['77696e6e6f770000000000ff'] }]);
  await share(path, { teams: [] });
  expect(await configs(path)).toMatchObject([{ users: [], teams: [] }]);
});

test('somebody who becomes a member later may use what was shared with their address', async () => {
  const path = await newDataset();
  await share(path, { users: ['later@example.com'] });
  const later = await world.addUser('later@example.com');
  expect(await mayRead(path, later.token)).toBe(200);
  const shared = await world.call('get_datasets', { query: { shared: true }, token: later.token });
  expect(shared.map(({ id }) => id)).toEqual([path.datasetId]);
});

test('sharing is the owner’s: whom a dataset is shared with can neither share nor stop it', async () => {
  const path = await newDataset();
  const guest = await world.addUser('guest@example.com');
  const { id } = await share(path, { users: ['guest@example.com'] });
  const refusals = [
    await world.refused('create_or_update_shared_access_config_by_dataset_id', {
      ...{ path, token: guest.token, body: { accessType: 'WRITE', users: [] } },
    }),
    await world.refused('delete_shared_access_config_by_id', {
      ...{ path: { ...path, accessConfigId: id }, token: guest.token },
    }),
  ];
  for (const refusal of refusals)
    expect(refusal).toMatchObject({ status: 403, error: { code: 'FORBIDDEN' } });
  expect(await configs(path)).toMatchObject([{ users: ['guest@example.com'] }]);
});

test('sharing with more names than are kept of a dataset is refused, and changes nothing', async () => {
  const path = await newDataset();
  await share(path, { users: ['eve@example.com'] });
  const users = Array.from({ length: 1_000 }, (_, at) => `${at}${'é'.repeat(200)}`);
  const body = { accessType: 'WRITE' as const, users };
  const refusal = await world.refused('create_or_update_shared_access_config_by_dataset_id', { path, body });
  expect(refusal).toMatchObject({ status: 400, error: { error: expect.stringContaining('bytes together') } });
  expect(await configs(path)).toMatchObject([{ users: ['eve@example.com'] }]);
});

test('sharing ends when its config is deleted', async () => {
  const path = await newDataset();
  const friend = await world.addUser('friend@example.com');
  const { id } = await share(path, { users: ['friend@example.com'] });
  const call = { path: { ...path, accessConfigId: id } };
  await world.call('delete_shared_access_config_by_id', call);
  expect(await mayRead(path, friend.token)).toBe(403);
  expect(await world.call('get_datasets', { query: { shared: true }, token: friend.token })).toEqual([]);
  expect(await world.refused('delete_shared_access_config_by_id', call)).toMatchObject({
    ...{ status: 404, error: { code: 'ACCESS_CONTROL_UNKNOWN' } },
  });
});

test.each([
  ['too many users', { users: Array.from({ length: 1001 }, (_, at) => `u${at}@example.com`) }, '$.users'],
  ['a user without a name', { users: ['a@b.c', ' '] }, '$.users[1]'],
  ['a name that is too long', { teams: ['x'.repeat(255)] }, '$.teams[0]'],
  ['what is no list', { users: 'eve@example.com' }, '$.users'],
  ['an access that the protocol does not know', { accessType: 'READ' }, '$.accessType'],
])('sharing with %s is refused', async (_what, names, place) => {
  const { status, error } = await world.refused('create_or_update_shared_access_config_by_dataset_id', {
    ...{ path: await newDataset(), body: { accessType: 'WRITE', ...names } },
  });
  expect(status).toBe(400);
  expect(error.error).toContain(place);
});

test('sharing an unknown dataset is refused', async () => {
  const refusal = await world.refused('get_shared_access_configs_by_dataset_id', {
    path: { datasetId: newId() },
  });
  expect(refusal).toMatchObject({ status: 404, error: { code: 'DATASET_UNKNOWN' } });
});
