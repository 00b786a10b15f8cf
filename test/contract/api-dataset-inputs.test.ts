import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  delegatedAccessAnswer,
  dryRunAnswer,
  inputAnswer,
  replayAnswer,
  verifyAnswer,
} from '#contracts/input-routes';
import { DEFAULT_SETTINGS } from '#contracts/settings';
import { datasourceOf } from '#platform/datasources/datasources';
import { NO_COUNTS } from '#platform/syncs/next-sync';
import { newestObjects, syncMemory } from '#platform/syncs/sync-memory';
import { syncPlaceOf } from '#platform/syncs/sync-place';
import {
  type DatasourceWorld,
  DELEGATED,
  type MadeDataset,
  S3,
  startDatasourceWorld,
} from '../support/datasource-world.ts';
import { newId } from '../support/documents.ts';
import { functionUrlEvent, lambdaContext } from '../support/lambda-invocation.ts';
import { takeMessages } from '../support/queue-contents.ts';

type User = Awaited<ReturnType<DatasourceWorld['addUser']>>;

let world: DatasourceWorld;
let owner: User;
let stranger: User;
let admin: User;
let dataset: MadeDataset;
beforeAll(async () => {
  world = await startDatasourceWorld();
  owner = await world.addUser('owner@example.com');
  stranger = await world.addUser('stranger@example.com');
  admin = await world.addUser('admin@example.com', 'ADMIN');
});
beforeEach(async () => {
  dataset = await world.newDataset(owner.token);
  await takeMessages(world.storage.sqs, world.syncQueueUrl);
});
afterAll(() => world.stop());

const idOf = () => dataset.path.datasetId;
const messages = () => takeMessages(world.storage.sqs, world.syncQueueUrl);
async function ask(method: string, what: string, body?: unknown, { token } = owner) {
  const [path = '', query = ''] = what.split('?');
  const request = {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
  const event = functionUrlEvent(
    `/winnow/v1/datasets/${idOf()}/${path}`,
    new URLSearchParams(query),
    request,
  );
  const result = await world.answer(event, lambdaContext());
  const text = String(result.body);
  return { status: result.statusCode, body: text === '' ? undefined : JSON.parse(text) };
}
const answered = async (...request: Parameters<typeof ask>) => {
  const { status, body } = await ask(...request);
  if (status >= 300) throw new Error(`${request[1]} was refused with ${status}: ${JSON.stringify(body)}`);
  return body;
};
const configure = (body: object) =>
  world.call('update_datasource_by_dataset_id', { path: dataset.path, body: body as never });
const settings = async (input: object) => {
  const { settingsVersion } = (await world.deps.datasets.get(idOf()))!;
  const changed = { ...DEFAULT_SETTINGS, input: { ...DEFAULT_SETTINGS.input, ...input } };
  await world.deps.datasets.replaceSettings(idOf(), changed, settingsVersion);
};

test.each([
  ['GET', 'input'],
  ['GET', 'input/delegated-access'],
  ['POST', 'input/dry-run'],
  ['POST', 'input/verify'],
  ['POST', 'pause'],
  ['POST', 'resume'],
  ['POST', 'sync'],
  ['POST', 'replay'],
  ['POST', 'transfer'],
])('%s %s is for those who may use the dataset', async (method, what) => {
  expect(await ask(method, what, undefined, stranger)).toMatchObject({ status: 403 });
  expect(await ask(method, what, undefined, { ...stranger, token: 'nobody' })).toMatchObject({ status: 401 });
  expect(await messages()).toEqual([]);
  expect((await world.deps.datasets.get(idOf()))?.pausedAt).toBeUndefined();
});

describe('how a dataset gets its images', () => {
  test('from the landing bucket', async () => {
    expect(inputAnswer.parse(await answered('GET', 'input'))).toEqual({
      datasource: {
        ...{ id: expect.any(String), type: 'LIGHTLY', purpose: 'INPUT' },
        path: `s3://${world.landing}/${dataset.name}/`,
      },
      events: { from: 'landing', bucket: world.landing },
      counts: { samples: 0, unavailable: 0, pending: 0, held: 0 },
    });
  });

  test('from a bucket of somebody: what is known of it, without asking it', async () => {
    await configure(DELEGATED);
    const { deps } = world;
    const problem = { use: 'INPUT', code: 'DENIED', scope: 'object', action: 's3:GetObject' } as const;
    const told = { resource: 'arn:aws:s3:::x/*', reason: 'Denied: allow it.', seenAt: 5 };
    await deps.datasourceStates.noteProblem(idOf(), { ...problem, ...told });
    await deps.datasourceStates.noteEvent(idOf(), 7);
    const order = { by: 'sequencer', sequencer: '1' } as const;
    const event = { kind: 'created', bucket: 'some-bucket', key: 'images/a.png', order } as const;
    await deps.heldEvents.hold({
      ...{ datasetId: idOf(), fileName: 'a.png', event, reason: 'problem', heldAt: 6 },
    });
    expect(inputAnswer.parse(await answered('GET', 'input'))).toMatchObject({
      datasource: { ...{ type: DELEGATED.type, path: DELEGATED.fullPath, role: DELEGATED.s3ARN } },
      events: { from: 'bucket', bucket: 'some-bucket', lastAt: 7 },
      problem: { ...problem, ...told, since: 5 },
      counts: { held: 1 },
    });
  });

  test('from a store that sends no events', async () => {
    const local = { type: 'LOCAL', purpose: 'INPUT', fullPath: 'images' };
    await configure(local);
    expect(inputAnswer.parse(await answered('GET', 'input')).events).toEqual({ from: 'none' });
  });

  test('from a store that merely speaks S3, which sends none either', async () => {
    await configure(S3);
    const { settingsVersion } = (await world.deps.datasets.get(idOf()))!;
    const input = { ...DEFAULT_SETTINGS.input, endpoint: 'https://store.example.com' };
    await world.deps.datasets.replaceSettings(idOf(), { ...DEFAULT_SETTINGS, input }, settingsVersion);
    expect(inputAnswer.parse(await answered('GET', 'input')).events).toEqual({ from: 'none' });
  });
});

describe('delegated access', () => {
  test('names what a role has to trust, and what it needs for a path', async () => {
    const query = 'path=s3://my-images/2026&region=eu-central-1&purpose=INPUT';
    const answer = delegatedAccessAnswer.parse(await answered('GET', `input/delegated-access?${query}`));
    const { accountId, eventBusArn, ingestQueueArn } = world.deps.deployment;
    expect(answer).toMatchObject({
      ...{ accountId, eventBusArn, ingestQueueArn, principal: `arn:aws:iam::${accountId}:root` },
      externalId: await world.deps.externalIds.of(idOf()),
    });
    expect(answer.statements.flatMap(({ Action }) => Action)).not.toContain('s3:PutObject');
    expect(answer.statements.map(({ Resource }) => Resource)).toContain('arn:aws:s3:::my-images/2026/*');
  });

  test('is about what is configured unless a path is given', async () => {
    expect((await answered('GET', 'input/delegated-access')).statements).toEqual([]);
    await configure({ ...DELEGATED, purpose: 'INPUT_OUTPUT' });
    const { principal, statements } = delegatedAccessAnswer.parse(
      await answered('GET', 'input/delegated-access'),
    );
    expect(principal).toMatch(/^arn:aws-us-gov:/);
    expect(statements.flatMap(({ Action }) => Action)).toContain('s3:PutObject');
  });

  test.each([
    ['path=s3://my-images', 'region'],
    ['path=s3://a', 'bucket'],
    ['purpose=ALL', 'purpose'],
    ['frob=1', 'frob'],
  ])('with %s is refused, and %s named', async (query, name) => {
    const { status, body } = await ask('GET', `input/delegated-access?${query}`);
    expect([status, body.error]).toEqual([400, expect.stringContaining(name)]);
  });
});

describe('a dry run', () => {
  test('without a complete sync tells of the first objects of a listing', async () => {
    await Promise.all(
      ['a.jpg', 'b.png', 'tmp/c.jpg', '.lightly/x.jpg'].map((name) => world.putInput(dataset, name)),
    );
    const filter = { include: ['**/*.jpg'], exclude: ['tmp/**'] };
    expect(dryRunAnswer.parse(await answered('POST', 'input/dry-run', { filter }))).toEqual({
      ...{ source: 'first', listedAt: expect.any(Number), objects: 4 },
      taken: { count: 1, examples: ['a.jpg'] },
      archived: { count: 0, examples: [] },
      skipped: [
        { reason: 'reserved', count: 1, examples: ['.lightly/x.jpg'] },
        { reason: 'not-included', count: 1, examples: ['b.png'] },
        { reason: 'excluded', count: 1, examples: ['tmp/c.jpg'] },
      ],
      changes: {
        taken: { count: 0, examples: [] },
        skipped: { count: 2, examples: ['b.png', 'tmp/c.jpg'] },
      },
    });
  });

  test('tells of the newest objects that the last sync has found, and of twenty names each', async () => {
    await settings({ exclude: ['**'] });
    const found = (await world.deps.datasets.get(idOf()))!;
    const place = syncPlaceOf(datasourceOf(found, undefined, 'INPUT'));
    const objects = Array.from({ length: 30 }, (_, at) => ({
      ...{ name: `${at}.jpg`, size: at, lastModified: 1, ...(at === 29 && { isArchived: true as const }) },
    }));
    const memory = { objects: world.deps.objects, platformBucket: world.platform };
    await syncMemory(memory).keepNewest(idOf(), { place, listedAt: 77, objects });
    expect(await newestObjects(found, datasourceOf(found, undefined, 'INPUT'), memory)).toBeDefined();
    const { skipped, ...answer } = dryRunAnswer.parse(
      await answered('POST', 'input/dry-run', { filter: { minBytes: 5 } }),
    );
    expect(answer).toMatchObject({
      ...{ source: 'newest', listedAt: 77, objects: 30 },
      taken: { count: 25, examples: objects.slice(5, 25).map(({ name }) => name) },
      archived: { count: 1, examples: ['29.jpg'] },
      changes: { taken: { count: 25 }, skipped: { count: 0 } },
    });
    expect(skipped).toMatchObject([{ reason: 'too-small', count: 5 }]);
    const asItIs = dryRunAnswer.parse(await answered('POST', 'input/dry-run'));
    expect(asItIs).toMatchObject({ taken: { count: 0 }, changes: { taken: { count: 0 } } });
  });

  test.each([
    [{ filter: { include: ['{a'] } }, 'include[0]'],
    [{ filter: { requesterPays: true } }, 'filter.requesterPays'],
    [{ filter: { minBytes: 'x' } }, 'minBytes'],
    [{ filters: {} }, 'filters'],
  ])('of %j is refused, and the field named', async (body, name) => {
    const { status, body: answer } = await ask('POST', 'input/dry-run', body);
    expect([status, answer.error]).toEqual([400, expect.stringContaining(name)]);
  });

  test('of a bucket that can not be listed says why', async () => {
    await configure({ ...S3, fullPath: 's3://no-such-bucket-anywhere' });
    expect(await ask('POST', 'input/dry-run')).toMatchObject({
      ...{ status: 400, body: { error: expect.stringContaining('does not exist') } },
    });
  });
});

describe('what the stage sync is asked for', () => {
  test('a sync, once more or thoroughly', async () => {
    expect(await ask('POST', 'sync')).toMatchObject({ status: 202 });
    expect(await ask('POST', 'sync', { thorough: true })).toMatchObject({ status: 202 });
    expect(await messages()).toEqual([
      { datasetId: idOf(), work: 'compare' },
      { datasetId: idOf(), work: 'compare', thorough: true },
    ]);
  });

  test('a replay of a prefix and a range of time, in milliseconds or as text', async () => {
    const from = '2026-01-31T09:00:00+01:00';
    const { id } = replayAnswer.parse(await answered('POST', 'replay', { prefix: 'day/', from, to: 9e12 }));
    const scope = { prefix: 'day/', from: Date.parse(from), to: 9e12 };
    expect(await messages()).toEqual([{ datasetId: idOf(), work: 'replay', id, scope }]);
    await answered('POST', 'replay', { all: true });
    expect(await messages()).toMatchObject([{ work: 'replay', scope: {} }]);
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

test('a replay that a pause has stopped goes on when that ends', async () => {
  const id = newId();
  await world.deps.syncs.replace({
    ...{ datasetId: idOf(), version: 1, id, kind: 'replay', scope: { prefix: 'a/' }, place: 'here' },
    ...{ source: 'listing', state: 'RUNNING', startedAt: 1, lastProgressAt: 1, firstStartedAt: 1 },
    ...{ parts: [], counts: NO_COUNTS },
  });
  await answered('POST', 'pause');
  await answered('POST', 'resume');
  expect(await messages()).toContainEqual({
    ...{ datasetId: idOf(), work: 'replay', id, scope: { prefix: 'a/' } },
  });
});

describe('a verification', () => {
  test('that finds the way free has what waited worked on', async () => {
    const problem = { use: 'INPUT', code: 'DENIED', scope: 'object', action: 's3:GetObject' } as const;
    const told = { resource: 'arn:aws:s3:::x/*', reason: 'Denied: allow it.', seenAt: 5 };
    await world.deps.datasourceStates.noteProblem(idOf(), { ...problem, ...told });
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
});

describe('ownership', () => {
  const owned = async ({ token }: User) =>
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
