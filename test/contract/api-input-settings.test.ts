import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { inputSettings } from '#contracts/input-settings';
import { type DatasetRoutes, datasetRoutes, type WorldUser } from '../support/dataset-routes.ts';
import {
  type DatasourceWorld,
  type MadeDataset,
  S3,
  startDatasourceWorld,
} from '../support/datasource-world.ts';

const DEFAULTS = inputSettings.parse({});

let world: DatasourceWorld;
let owner: WorldUser;
let guest: WorldUser;
let administrator: WorldUser;
let dataset: MadeDataset;
let ask: DatasetRoutes['ask'];
let answered: DatasetRoutes['answered'];
let messages: DatasetRoutes['messages'];
beforeAll(async () => {
  world = await startDatasourceWorld();
  owner = await world.addUser('owner@example.com');
  guest = await world.addUser('guest@example.com');
  administrator = await world.addUser('administrator@example.com', 'ADMIN');
});
beforeEach(async () => {
  dataset = await world.newDataset(owner.token);
  ({ ask, answered, messages } = datasetRoutes(world, dataset.path.datasetId, owner));
  await messages();
});
afterAll(() => world.stop());

const WHERE = 'input/settings';
const idOf = () => dataset.path.datasetId;
const patch = (fields: object) => answered('PATCH', WHERE, fields);
const configure = (body: object, { token } = owner) =>
  world.call('update_datasource_by_dataset_id', { path: dataset.path, body: body as never, token });
const share = () =>
  world.call('create_or_update_shared_access_config_by_dataset_id', {
    ...{ path: dataset.path, token: owner.token },
    body: { accessType: 'WRITE', users: [guest.user.email] },
  });

describe('settings of the input', () => {
  test('are replaced by PUT, changed field by field by PATCH, and shown', async () => {
    expect(await answered('GET', WHERE)).toEqual(DEFAULTS);
    const put = { include: ['2026/**'], requesterPays: true, bucketOwner: '111122223333' };
    expect(await answered('PUT', WHERE, put)).toEqual({ ...DEFAULTS, ...put });
    expect(await patch({ minBytes: 10, requesterPays: null, bucketOwner: null })).toEqual({
      ...{ ...DEFAULTS, include: ['2026/**'], minBytes: 10 },
    });
    expect(await answered('GET', WHERE)).toEqual({ ...DEFAULTS, include: ['2026/**'], minBytes: 10 });
    expect(await answered('PUT', WHERE, {})).toEqual(DEFAULTS);
  });

  test('leave all other settings as they are', async () => {
    const { deps } = world;
    const { settings, settingsVersion } = (await deps.datasets.get(idOf()))!;
    const others = { ...settings, archive: { enabled: false } };
    await deps.datasets.replaceSettings(idOf(), others, settingsVersion);
    await patch({ exclude: ['tmp/**'] });
    expect((await deps.datasets.get(idOf()))?.settings).toEqual({
      ...{ ...others, input: { ...DEFAULTS, exclude: ['tmp/**'] } },
    });
  });

  test.each([
    [{ frob: 1 }, 'frob'],
    [{ frob: null }, 'frob'],
    [{ toString: null }, 'toString'],
    [{ bucketOwner: 'me' }, 'input.bucketOwner'],
    [{ include: ['**', '{a'] }, 'input.include[1]'],
    [{ minBytes: 2, maxBytes: 1 }, 'input.minBytes'],
    [{ inventory: 's3://no' }, 'input.inventory'],
    [{ endpoint: 'ftp://store.example.com' }, 'input.endpoint'],
    [{ endpoint: 'https://user:word@store.example.com' }, 'input.endpoint'],
    [{ endpoint: 'https://store.example.com/?list-type=2' }, 'input.endpoint'],
    [{ lightly: { endpoint: 'https://user:word@store.example.com' } }, 'input.lightly.endpoint'],
    [{ lightly: { include: ['**'] } }, 'include'],
    [['include'], 'The body is not valid'],
    [undefined, 'The body is not JSON'],
  ])('of %j are refused, and the field named', async (fields, name) => {
    for (const method of ['PUT', 'PATCH']) {
      const { status, body } = await ask(method, WHERE, fields);
      expect([method, status, body.error]).toEqual([method, 400, expect.stringContaining(name)]);
    }
    expect(await answered('GET', WHERE)).toEqual(DEFAULTS);
    expect(await messages()).toEqual([]);
  });

  test('are for the owner to change, and for administrators; guests see them', async () => {
    for (const method of ['GET', 'PUT', 'PATCH']) {
      expect(await ask(method, WHERE, {}, guest)).toMatchObject({ status: 403 });
    }
    await share();
    expect(await ask('GET', WHERE, undefined, guest)).toMatchObject({ status: 200 });
    for (const method of ['PUT', 'PATCH']) {
      expect(await ask(method, WHERE, { minBytes: 1 }, guest)).toMatchObject({
        ...{ status: 403, body: { error: expect.stringContaining('Only the owner') } },
      });
    }
    expect(await ask('PATCH', WHERE, { minBytes: 1 }, administrator)).toMatchObject({ status: 200 });
    expect(await answered('GET', WHERE)).toMatchObject({ minBytes: 1 });
  });
});

describe('what changes', () => {
  const problem = { use: 'INPUT', code: 'DENIED', scope: 'datasource', action: 's3:ListBucket' } as const;
  const found = { resource: 'arn:aws:s3:::x', reason: 'Denied.', seenAt: 1 };
  const problemNow = async () => (await world.deps.datasourceStates.get(idOf()))?.problem;
  const compare = () => ({ datasetId: idOf(), work: 'compare', askedAt: expect.any(Number) });
  beforeEach(async () => {
    await configure(S3);
    await messages();
    await world.deps.datasourceStates.noteProblem(idOf(), 1, { ...problem, ...found });
  });

  test('of the filter is compared, and what is known of the datasource holds', async () => {
    await patch({ include: ['2026/**'] });
    expect(await messages()).toEqual([compare()]);
    expect(await problemNow()).toMatchObject(problem);
  });

  test.each([
    ['requesterPays', true],
    ['bucketOwner', '111122223333'],
    ['pathStyle', true],
    ['lightly', { bucketOwner: '444455556666' }],
  ])('of %s makes what is known of the datasource hold no more', async (field, value) => {
    await patch({ [field]: value });
    expect(await problemNow()).toBeUndefined();
    expect(await messages()).toEqual([compare()]);
  });

  test('of the endpoint is another place, of which nothing is known', async () => {
    await patch({ endpoint: 'https://store.example.com' });
    expect(await problemNow()).toBeUndefined();
    expect(await messages()).toEqual([{ ...compare(), thorough: true }]);
  });

  test('while the dataset is paused is compared when that ends', async () => {
    await answered('POST', 'pause');
    await patch({ include: ['2026/**'] });
    // The stage sync asks itself again, until somebody resumes the dataset.
    expect(await messages()).toEqual([compare()]);
  });
});

describe('an owner reaches nothing by them that is not theirs', () => {
  test('not what somebody else has lent: where it is sent, who pays, and what else it opens', async () => {
    await share();
    await configure({ ...S3, s3AccessKeyId: 'AKIDOFGUEST' }, guest);
    const others = { endpoint: 'https://store.example.com', pathStyle: true, requesterPays: true };
    const more = {
      bucketOwner: '111122223333',
      inventory: 's3://reports-of-guest/all/photos/daily/',
      lightly: {},
    };
    for (const [field, value] of Object.entries({ ...others, ...more })) {
      expect(await ask('PATCH', WHERE, { [field]: value })).toMatchObject({
        ...{ status: 403, body: { error: expect.stringContaining(`input.${field}`) } },
      });
    }
    expect(await answered('GET', WHERE)).toEqual(DEFAULTS);
    expect(await patch({ include: ['2026/**'] })).toMatchObject({ include: ['2026/**'] });
    expect(await ask('PATCH', WHERE, { requesterPays: true }, administrator)).toMatchObject({ status: 200 });
  });

  test('no address inside of the deployment, by name or number', async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.end();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    await configure(S3);
    try {
      for (const host of ['127.0.0.1', 'localhost', '[::1]', '169.254.169.254', '10.0.0.1']) {
        await patch({ endpoint: `http://${host}:${port}`, pathStyle: true });
        const { canList, canRead, problems } = await answered('POST', 'input/verify');
        expect([host, canList, canRead]).toEqual([host, false, false]);
        expect(problems).toContainEqual(
          expect.objectContaining({
            ...{ use: 'INPUT', code: 'MISCONFIGURED' },
            reason: expect.stringContaining('private address'),
          }),
        );
      }
      expect(asked).toBe(0);
    } finally {
      server.close();
    }
  });
});
