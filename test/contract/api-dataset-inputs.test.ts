import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { delegatedAccessAnswer, dryRunAnswer, inputAnswer } from '#contracts/input-routes';
import { datasourceOf } from '#platform/datasources/datasources';
import { placeDigestOf } from '#platform/syncs/place-digest';
import { newestObjects, syncMemory } from '#platform/syncs/sync-memory';
import { type DatasetRoutes, datasetRoutes, type WorldUser } from '../support/dataset-routes.ts';
import {
  type DatasourceWorld,
  DELEGATED,
  type MadeDataset,
  S3,
  startDatasourceWorld,
} from '../support/datasource-world.ts';

let world: DatasourceWorld;
let owner: WorldUser;
let stranger: WorldUser;
let dataset: MadeDataset;
let ask: DatasetRoutes['ask'];
let answered: DatasetRoutes['answered'];
let messages: DatasetRoutes['messages'];
let settings: DatasetRoutes['settings'];
beforeAll(async () => {
  world = await startDatasourceWorld();
  owner = await world.addUser('owner@example.com');
  stranger = await world.addUser('stranger@example.com');
});
beforeEach(async () => {
  dataset = await world.newDataset(owner.token);
  ({ ask, answered, messages, settings } = datasetRoutes(world, dataset.path.datasetId, owner));
  await messages();
});
afterAll(() => world.stop());

const idOf = () => dataset.path.datasetId;
const configure = (body: object) =>
  world.call('update_datasource_by_dataset_id', { path: dataset.path, body: body as never });

test.each([
  ['GET', 'input'],
  ['GET', 'input/delegated-access'],
  ['POST', 'input/dry-run'],
  ['POST', 'input/verify'],
  ['POST', 'pause'],
  ['POST', 'resume'],
  ['POST', 'sync'],
  ['POST', 'replay'],
  ['GET', 'syncs/compare-1'],
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
    await deps.datasourceStates.noteProblem(idOf(), 1, { ...problem, ...told });
    await deps.datasourceStates.noteEvent(idOf(), 7);
    const order = { by: 'sequencer', sequencer: '1' } as const;
    const event = { kind: 'created', bucket: 'some-bucket', key: 'images/a.png', order } as const;
    await deps.heldEvents.hold({
      ...{ datasetId: idOf(), fileName: 'a.png', event, heldAt: 6 },
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
    await settings({ endpoint: 'https://store.example.com' });
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
    await configure({ ...DELEGATED, s3Region: 'eu-west-1', purpose: 'INPUT_OUTPUT' });
    const { principal, statements } = delegatedAccessAnswer.parse(
      await answered('GET', 'input/delegated-access'),
    );
    expect(principal).toMatch(/^arn:aws:/);
    expect(statements.flatMap(({ Action }) => Action)).toContain('s3:PutObject');
  });

  test.each([
    ['path=s3://my-images', 'region'],
    ['path=s3://a', 'bucket'],
    ['purpose=ALL', 'purpose'],
    ['path=s3://my-images&region=cn-north-1', 'the region cn-north-1 is in aws-cn. No role can be assumed'],
    [
      'path=s3://arn:aws-us-gov:s3:us-gov-west-1:111122223333:accesspoint/photos&region=us-east-1',
      'the region us-gov-west-1 is in aws-us-gov',
    ],
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
    const placeDigest = placeDigestOf(datasourceOf(found, undefined, 'INPUT'));
    const objects = Array.from({ length: 30 }, (_, at) => ({
      ...{ name: `${at}.jpg`, size: at, lastModified: 1, ...(at === 29 && { isArchived: true as const }) },
    }));
    const memory = { objects: world.deps.objects, platformBucket: world.platform };
    await syncMemory(memory).keepNewest(idOf(), { placeDigest, listedAt: 77, objects });
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
    [{ filter: { include: Array(21).fill('a'.repeat(1_000)) } }, 'include[20]'],
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
