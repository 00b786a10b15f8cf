import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { askedAnswer, askedSyncAnswer, inputAnswer, verifyAnswer } from '#contracts/input-routes';
import { NO_COUNTS } from '#platform/syncs/next-sync';
import { type DatasetRoutes, datasetRoutes, type WorldUser } from '../support/dataset-routes.ts';
import {
  type DatasourceWorld,
  DELEGATED,
  type MadeDataset,
  S3,
  startDatasourceWorld,
} from '../support/datasource-world.ts';
import { newId } from '../support/documents.ts';

let world: DatasourceWorld;
let owner: WorldUser;
let stranger: WorldUser;
let admin: WorldUser;
let dataset: MadeDataset;
let ask: DatasetRoutes['ask'];
let answered: DatasetRoutes['answered'];
let messages: DatasetRoutes['messages'];
beforeAll(async () => {
  world = await startDatasourceWorld();
  owner = await world.addUser('owner@example.com');
  stranger = await world.addUser('stranger@example.com');
  admin = await world.addUser('admin@example.com', 'ADMIN');
});
beforeEach(async () => {
  dataset = await world.newDataset(owner.token);
  ({ ask, answered, messages } = datasetRoutes(world, dataset.path.datasetId, owner));
  await messages();
});
afterAll(() => world.stop());

const idOf = () => dataset.path.datasetId;

describe('what the stage sync is asked for', () => {
  test('a sync, once more or thoroughly, which begins after it was asked for; how far it is', async () => {
    const before = Date.now();
    const plain = askedAnswer.parse(await answered('POST', 'sync'));
    const thorough = askedAnswer.parse(await answered('POST', 'sync', { thorough: true }));
    const [first, second] = await messages();
    const asked = { datasetId: idOf(), work: 'compare', askedAt: expect.any(Number) };
    expect([first, second]).toEqual([asked, { ...asked, thorough: true }]);
    const { askedAt } = second as { readonly askedAt: number };
    expect(askedAt).toBeGreaterThanOrEqual(before);

    const stateOf = async ({ id }: { readonly id: string }) =>
      askedSyncAnswer.parse(await answered('GET', `syncs/${id}`)).state;
    expect([await stateOf(plain), await stateOf(thorough)]).toEqual(['WAITING', 'WAITING']);
    const last = { startedAt: askedAt, finishedAt: askedAt, counts: NO_COUNTS };
    await world.deps.syncs.replace({
      ...{ datasetId: idOf(), version: 1, id: newId(), kind: 'compare', scope: {}, placeDigest: 'here' },
      ...{ source: 'listing', state: 'DONE', startedAt: askedAt, lastProgressAt: askedAt, firstStartedAt: 1 },
      ...{ parts: [], counts: NO_COUNTS, last },
    });
    expect([await stateOf(plain), await stateOf(thorough)]).toEqual(['DONE', 'WAITING']);
  });

  test('a replay of a prefix and a range of time, in milliseconds or as text; how far it is', async () => {
    const from = '2026-01-31T09:00:00+01:00';
    const { id } = askedAnswer.parse(await answered('POST', 'replay', { prefix: 'day/', from, to: 9e12 }));
    const scope = { prefix: 'day/', from: Date.parse(from), to: 9e12 };
    expect(await messages()).toEqual([{ datasetId: idOf(), work: 'replay', id, scope }]);
    await answered('POST', 'replay', { all: true });
    expect(await messages()).toMatchObject([{ work: 'replay', scope: {} }]);
    const { pausedAt } = await answered('POST', 'pause');
    expect(askedSyncAnswer.parse(await answered('GET', `syncs/${id}`))).toEqual({
      id,
      state: 'WAITING',
      pausedAt,
    });
    expect(await ask('GET', 'syncs/compare-')).toMatchObject({ status: 404 });
  });

  test.each([
    [{}, 'all: true'],
    [{ from: 2, to: 1 }, 'from'],
    [{ from: 'yesterday' }, 'from'],
    [{ prefix: '' }, 'prefix'],
    [{ all: false }, 'all'],
  ])('a replay of %j is refused', async (body, name) => {
    const { status, body: answer } = await ask('POST', 'replay', body);
    expect([status, answer.error]).toEqual([400, expect.stringContaining(name)]);
    expect(await messages()).toEqual([]);
  });
});

describe('a pause', () => {
  test('is shown, begins once, and has what waited worked on when it ends', async () => {
    const { pausedAt } = await answered('POST', 'pause');
    expect(pausedAt).toEqual(expect.any(Number));
    expect(await answered('POST', 'pause')).toEqual({ pausedAt });
    expect(inputAnswer.parse(await answered('GET', 'input')).pausedAt).toBe(pausedAt);
    expect(await messages()).toEqual([]);
    await answered('POST', 'resume');
    expect((await world.deps.datasets.get(idOf()))?.pausedAt).toBeUndefined();
    expect(await messages()).toEqual([
      { datasetId: idOf(), work: 'release' },
      { datasetId: idOf(), work: 'compare' },
    ]);
  });
});

describe('a verification', () => {
  test('that finds the way free has what waited worked on', async () => {
    const problem = { use: 'INPUT', code: 'DENIED', scope: 'object', action: 's3:GetObject' } as const;
    const told = { resource: 'arn:aws:s3:::x/*', reason: 'Denied: allow it.', seenAt: 5 };
    await world.deps.datasourceStates.noteProblem(idOf(), 0, { ...problem, ...told });
    expect(verifyAnswer.parse(await answered('POST', 'input/verify'))).toMatchObject({
      ...{ canList: true, canRead: true, canWrite: true, canOverwrite: true, problems: [], missing: [] },
    });
    expect(await messages()).toHaveLength(2);
    expect(inputAnswer.parse(await answered('GET', 'input'))).toMatchObject({
      lastVerified: { canList: true },
    });
    await answered('POST', 'input/verify');
    expect(await messages()).toEqual([]);
  });

  test('does so, too, where the same datasource was set once more meanwhile', async () => {
    const body = { type: 'LIGHTLY', purpose: 'INPUT', fullPath: '' } as never;
    const set = () => world.call('update_datasource_by_dataset_id', { path: dataset.path, body });
    await set();
    const found = { use: 'INPUT', code: 'DENIED', scope: 'object', action: 's3:GetObject' } as const;
    const told = { resource: 'arn:aws:s3:::x/*', reason: 'Denied: allow it.', seenAt: 5 };
    await world.deps.datasourceStates.noteProblem(idOf(), 1, { ...found, ...told });
    await messages();
    await set();
    expect(inputAnswer.parse(await answered('GET', 'input'))).toMatchObject({ problem: { since: 5 } });
    await answered('POST', 'input/verify');
    expect(await messages()).toContainEqual({ datasetId: idOf(), work: 'release' });
  });
});

test('which file was refused is told to nobody who may not list it by now', async () => {
  // A private address is not asked.
  await answered('PATCH', 'input/settings', { endpoint: 'http://127.0.0.1:9' });
  await world.call('update_datasource_by_dataset_id', { path: dataset.path, body: S3, token: owner.token });
  const found = { use: 'INPUT', code: 'DENIED', scope: 'object', action: 's3:GetObject' } as const;
  const told = { resource: 'arn:aws:s3:::x/*', reason: 'Denied: allow it.', seenAt: 5 };
  await world.deps.datasourceStates.noteProblem(idOf(), 1, { ...found, ...told, fileName: 'secret.jpg' });
  expect((await answered('GET', 'input')).problem).toMatchObject({ fileName: 'secret.jpg' });
  const verified = verifyAnswer.parse(await answered('POST', 'input/verify'));
  expect(verified).toMatchObject({ canList: false, problems: [{ use: 'INPUT' }] });
  const { problem } = inputAnswer.parse(await answered('GET', 'input'));
  expect(problem?.code).toBe(verified.problems[0]?.code);
  expect(JSON.stringify([verified, problem])).not.toContain('secret.jpg');
  // It is what is tried again.
  expect((await world.deps.datasourceStates.get(idOf()))?.problem?.fileName).toBe('secret.jpg');
});

describe('ownership', () => {
  const owned = async ({ token }: WorldUser) =>
    (await world.call('get_datasets', { token, query: { shared: false } })).map(({ id }) => id);
  const lent = { ...DELEGATED, s3ARN: 'arn:aws:iam::123456789012:role/Passed' };

  test('is given to another user with its roles, and shares stay', async () => {
    const { path } = dataset;
    await world.call('update_datasource_by_dataset_id', { path, body: lent, token: owner.token });
    const body = { accessType: 'WRITE' as const, users: ['guest@example.com'] };
    await world.call('create_or_update_shared_access_config_by_dataset_id', {
      path,
      body,
      token: owner.token,
    });
    expect(await answered('POST', 'transfer', { email: stranger.user.email }, admin)).toEqual({
      ...{ userId: stranger.user.id, email: stranger.user.email },
    });
    expect(await owned(stranger)).toContain(idOf());
    expect(await owned(owner)).not.toContain(idOf());
    expect(await ask('GET', 'input')).toMatchObject({ status: 403 });
    expect(await world.deps.sharedAccess.list(idOf())).toHaveLength(1);
    // The role is theirs: they may point it to another bucket, and its former owner may not.
    const elsewhere = { path, body: { ...lent, fullPath: 's3://another-bucket' }, token: stranger.token };
    await world.call('update_datasource_by_dataset_id', elsewhere);
    const other = await world.newDataset(owner.token);
    const call = { path: other.path, body: lent, token: owner.token };
    expect(await world.refused('update_datasource_by_dataset_id', call)).toMatchObject({ status: 403 });
    // Asked again, as after an answer that was lost.
    await answered('POST', 'transfer', { userId: stranger.user.id }, admin);
  });

  test.each([
    [{ email: 'nobody@example.com' }, 404, 'nobody@example.com'],
    [{}, 400, 'userId or email'],
    [{ email: 'a@example.com', userId: '0'.repeat(24) }, 400, 'userId or email'],
  ])('is not given to %j', async (body, status, said) => {
    const answer = await ask('POST', 'transfer', body, admin);
    expect(answer).toMatchObject({ status, body: { error: expect.stringContaining(said) } });
  });

  test('is not for its owner to give', async () => {
    expect(await ask('POST', 'transfer', { email: stranger.user.email })).toMatchObject({
      ...{ status: 403, body: { error: expect.stringContaining('administrators') } },
    });
  });
});
