import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DatasourceConfig } from '#contracts/protocol/types.gen';
import { captureOutput } from '../support/captured-output.ts';
import {
  CONFIGS,
  type DatasourceWorld,
  DELEGATED,
  S3,
  SECRET,
  startDatasourceWorld,
} from '../support/datasource-world.ts';

let world: DatasourceWorld;
beforeAll(async () => {
  world = await startDatasourceWorld();
});
afterAll(() => world.stop());

describe('a dataset that never had a datasource configured', () => {
  test("shows Winnow's own buckets, as type LIGHTLY", async () => {
    const { path, name } = await world.newDataset();
    const all = await world.call('get_datasources_by_dataset_id', { path });
    expect(all).toEqual([
      expect.objectContaining({
        type: 'LIGHTLY',
        purpose: 'INPUT',
        fullPath: `s3://${world.landing}/${name}/`,
      }),
      expect.objectContaining({
        type: 'LIGHTLY',
        purpose: 'LIGHTLY',
        fullPath: expect.stringMatching(/^s3:/),
      }),
    ]);
    expect(await world.call('get_datasource_by_dataset_id', { path })).toEqual(all[0]);
    const lightly = { path, query: { purpose: 'LIGHTLY' } } as const;
    expect(await world.call('get_datasource_by_dataset_id', lightly)).toEqual(all[1]);
  });

  test('has none for both purposes at once', async () => {
    const { path } = await world.newDataset();
    const query = { purpose: 'INPUT_OUTPUT' };
    const { status, error } = await world.refused('get_datasource_by_dataset_id', { path, query });
    expect({ status, code: error.code }).toEqual({ status: 404, code: 'DATASET_DATASOURCE_UNKNOWN' });
  });
});

describe('a configured datasource', () => {
  test.each(CONFIGS.map(([config, secret]) => [config.type, config, secret] as const))(
    'of type %s is shown as it was set, without its secret, under the same id for ever',
    async (_, config, secret) => {
      const { path } = await world.newDataset();
      const { id: before } = await world.call('get_datasource_by_dataset_id', { path });
      await world.call('update_datasource_by_dataset_id', { path, body: config });
      const shown = await world.call('get_datasource_by_dataset_id', { path, query: { purpose: 'INPUT' } });
      expect(shown).toEqual({ ...config, id: before, ...(secret && { [secret]: '********' }) });
    },
  );

  test('keeps its secret when a program sends back what it has read', async () => {
    const { path } = await world.newDataset();
    await world.call('update_datasource_by_dataset_id', { path, body: S3 });
    const shown = await world.call('get_datasource_by_dataset_id', { path });
    const changed = { ...shown, fullPath: 's3://some-bucket/other/', thumbSuffix: 'x' };
    await world.call('update_datasource_by_dataset_id', { path, body: changed });
    const stored = await world.deps.datasources.get(path.datasetId);
    expect(stored?.configs).toEqual([{ ...S3, fullPath: 's3://some-bucket/other/', thumbSuffix: 'x' }]);
  });

  test.each([
    ['another bucket', { fullPath: 's3://another-bucket/images/' }],
    ['another access key', { s3AccessKeyId: 'AKIDOTHER' }],
  ])('does not lend its secret to %s', async (_, change) => {
    const { path } = await world.newDataset();
    await world.call('update_datasource_by_dataset_id', { path, body: S3 });
    const body = { ...S3, s3SecretAccessKey: '********', ...change };
    const { status, error } = await world.refused('update_datasource_by_dataset_id', { path, body });
    expect({ status, code: error.code }).toEqual({
      status: 400,
      code: 'DATASET_DATASOURCE_CREDENTIALS_ERROR',
    });
    expect((await world.deps.datasources.get(path.datasetId))?.configs).toEqual([S3]);
  });

  test('for both purposes takes the place of all others; one for a single purpose goes before it', async () => {
    const { path } = await world.newDataset();
    const set = (body: DatasourceConfig) => world.call('update_datasource_by_dataset_id', { path, body });
    const all = async () =>
      (await world.call('get_datasources_by_dataset_id', { path })).map(
        ({ purpose, fullPath }) => `${purpose} ${fullPath}`,
      );
    await set({ ...S3, purpose: 'LIGHTLY', fullPath: 's3://out-bucket' });
    expect(await all()).toEqual([expect.stringMatching(/^INPUT /), 'LIGHTLY s3://out-bucket']);
    await set({ ...S3, purpose: 'INPUT_OUTPUT', fullPath: 's3://both' });
    expect(await all()).toEqual(['INPUT_OUTPUT s3://both']);
    await set({ ...S3, purpose: 'INPUT', fullPath: 's3://in-bucket' });
    expect(await all()).toEqual(['INPUT s3://in-bucket', 'INPUT_OUTPUT s3://both']);
  });

  test("is left for Winnow's own buckets with type LIGHTLY", async () => {
    const { path, name } = await world.newDataset();
    await world.call('update_datasource_by_dataset_id', { path, body: { ...S3, purpose: 'INPUT_OUTPUT' } });
    const body = { type: 'LIGHTLY', purpose: 'INPUT', fullPath: '' } as const;
    await world.call('update_datasource_by_dataset_id', { path, body });
    const { fullPath } = await world.call('get_datasource_by_dataset_id', { path });
    expect(fullPath).toBe(`s3://${world.landing}/${name}/`);
  });

  test.each([
    ['a bucket that can be none', { ...S3, fullPath: 's3://a/b' }],
    ['a way out of the bucket', { ...S3, fullPath: 's3://some-bucket/a/../b' }],
    ['a path that is too long', { ...S3, fullPath: `s3://some-bucket/${'x'.repeat(600)}` }],
    ['a field without end', { ...S3, s3SecretAccessKey: 'x'.repeat(20_000) }],
    ['an absolute path of a local server', { type: 'LOCAL', purpose: 'INPUT', fullPath: '/etc' }],
  ])('is refused with %s', async (_, body) => {
    const { path } = await world.newDataset();
    const { status, error } = await world.refused('update_datasource_by_dataset_id', { path, body });
    expect({ status, code: error.code }).toEqual({ status: 400, code: 'DATASET_DATASOURCE_INVALID' });
    expect(error.error).not.toContain('xxxxx');
  });

  test('shows no secret in logs, also where it is refused', async () => {
    const { path } = await world.newDataset();
    const bodies = [S3, { ...S3, s3Region: 'nowhere' }, { ...S3, fullPath: '//' }, { ...S3, more: 1 }];
    const { text } = await captureOutput(async () => {
      for (const body of bodies) await world.send('update_datasource_by_dataset_id', { path, body });
      await world.call('get_datasources_by_dataset_id', { path });
    });
    expect(text).toContain('Request refused');
    expect(text).not.toContain(SECRET);
  });

  test('is set by several at once without loss', async () => {
    const { path } = await world.newDataset();
    const uses = ['INPUT', 'LIGHTLY'] as const;
    await Promise.all(
      uses.map((purpose) =>
        world.call('update_datasource_by_dataset_id', { path, body: { ...S3, purpose } }),
      ),
    );
    const { configs } = (await world.deps.datasources.get(path.datasetId))!;
    expect(configs.map(({ purpose }) => purpose).sort()).toEqual([...uses]);
  });
});

describe('a datasource that can be nowhere is refused when it is set, and the one before it stays', () => {
  const gcs = { type: 'GCS', gcsProjectId: 'project', gcsCredentials: '{}' };
  const azure = { type: 'AZURE', accountName: 'account', accountKey: 'a2V5' };
  const keys = { obsAccessKeyId: 'AKID', obsSecretAccessKey: 'not-a-secret' };
  const obs = { type: 'OBS', fullPath: 'obs://images', ...keys };

  test.each([
    ['fullPath', { ...gcs, fullPath: 'gs://images/2026/../2025' }],
    ['fullPath', { ...azure, fullPath: 'images//2026' }],
    ['fullPath', { ...obs, fullPath: 'obs://../images', obsEndpoint: 'https://obs.example.com' }],
    ['obsEndpoint', { ...obs, obsEndpoint: 'https://some:body@obs.example.com' }],
    ['obsEndpoint', { ...obs, obsEndpoint: 'https://not an address' }],
    ['obsEndpoint', { ...obs, obsEndpoint: 'https://obs.example.com?x=' }],
    ['webServerLocation', { type: 'LOCAL', fullPath: '', webServerLocation: 'http://some:body@example.com' }],
    ['webServerLocation', { type: 'LOCAL', fullPath: '', webServerLocation: 'http://no server' }],
  ])('%s of %j', async (field, config) => {
    const { path } = await world.newDataset();
    for (const purpose of ['INPUT', 'LIGHTLY', 'INPUT_OUTPUT']) {
      const { status, error } = await world.refused('update_datasource_by_dataset_id', {
        path,
        body: { ...config, purpose },
      });
      expect({ status, code: error.code }).toEqual({ status: 400, code: 'DATASET_DATASOURCE_INVALID' });
      expect(error.error).toContain(field);
      expect(error.error).not.toContain('some:body');
    }
    expect(await world.call('get_datasources_by_dataset_id', { path })).toHaveLength(2);
  });
});

test('a role may be in any partition, and in a region that is new', async () => {
  const { path } = await world.newDataset();
  const s3ARN = 'arn:aws-cn:iam::123456789012:role/Winnow';
  const s3ServerSideEncryptionKMSKey = 'arn:aws-cn:kms:cn-north-1:123456789012:key/1';
  const body = { ...DELEGATED, s3ARN, s3Region: 'cn-north-1', s3ServerSideEncryptionKMSKey } as const;
  await world.call('update_datasource_by_dataset_id', { path, body });
  expect(await world.call('get_datasource_by_dataset_id', { path })).toMatchObject(body);
});

describe('a role of another account', () => {
  const set = (path: { datasetId: string }, token: string | undefined, change = {}) =>
    world.send('update_datasource_by_dataset_id', {
      path,
      body: { ...DELEGATED, s3ExternalId: 'the-id-of-owner-a', ...change },
      ...(token && { token }),
    });

  test('belongs to whoever registers it first, so that nobody reads through it in their name', async () => {
    const [owner, other] = [await world.addUser('owner@a.example'), await world.addUser('other@b.example')];
    const mine = await world.newDataset(owner.token);
    const theirs = await world.newDataset(other.token);
    expect(await set(mine.path, owner.token)).toMatchObject({ status: 200 });
    expect(await set(theirs.path, other.token)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect(await set(theirs.path, other.token, { s3ExternalId: 'another-id-of-theirs' })).toMatchObject({
      status: 200,
    });
    expect(await set((await world.newDataset(owner.token)).path, owner.token)).toMatchObject({ status: 200 });
  });

  test('is lent to no more of a bucket by somebody that the dataset is shared with', async () => {
    const { path, owner, guest } = await sharedDataset('c');
    const role = { s3ExternalId: 'the-id-of-owner-c' };
    await set(path, owner.token, role);
    expect(await set(path, guest.token, { ...role, thumbSuffix: 'x' })).toMatchObject({ status: 200 });
    for (const change of MORE_THAN_LENT) {
      expect(await set(path, guest.token, { ...role, ...change })).toMatchObject({ status: 403 });
    }
    expect(await set(path, owner.token, { ...role, ...MORE_THAN_LENT[1] })).toMatchObject({ status: 200 });
  });
});

/** Beyond images/ of some-bucket, for reading, without a key. */
const MORE_THAN_LENT = [
  { fullPath: 's3://other-bucket/images' },
  { fullPath: 's3://some-bucket' },
  { fullPath: 's3://some-bucket/images-of-others' },
  { purpose: 'INPUT_OUTPUT' },
  { s3ServerSideEncryptionKMSKey: 'arn:aws:kms:eu-central-1:123456789012:key/2' },
] as const;

/** A dataset of one member that is shared with another. */
async function sharedDataset(name: string) {
  const [owner, guest] = [await world.addUser(`owner@${name}.x`), await world.addUser(`guest@${name}.x`)];
  const { path } = await world.newDataset(owner.token);
  const body = { accessType: 'WRITE' as const, users: [guest.user.email] };
  await world.call('create_or_update_shared_access_config_by_dataset_id', { path, body, token: owner.token });
  return { path, owner, guest };
}

test('a kept secret is lent to no more of a bucket by somebody that the dataset is shared with', async () => {
  const { path, owner, guest } = await sharedDataset('d');
  const set = (change: object, token: string) =>
    world.send('update_datasource_by_dataset_id', { path, body: { ...S3, ...change }, token });
  await set({}, owner.token);
  const masked = { s3SecretAccessKey: '********' };
  for (const change of MORE_THAN_LENT) {
    expect(await set({ ...masked, ...change }, guest.token)).toMatchObject({
      ...{ status: 400, body: { code: 'DATASET_DATASOURCE_CREDENTIALS_ERROR' } },
    });
  }
  expect(await set({ ...masked, fullPath: 's3://some-bucket/images/july' }, guest.token)).toMatchObject({
    status: 200,
  });
  const stored = await world.deps.datasources.get(path.datasetId);
  expect(stored?.configs).toEqual([{ ...S3, fullPath: 's3://some-bucket/images/july' }]);
});

describe('a datasource that can not be opened', () => {
  const gcs = CONFIGS[2]![0];

  test('is said by the verification', async () => {
    const { path } = await world.newDataset();
    await world.call('update_datasource_by_dataset_id', { path, body: { ...gcs, purpose: 'INPUT_OUTPUT' } });
    const said = await world.call('verify_datasource_by_dataset_id', { path });
    const error = expect.stringContaining('gcsCredentials');
    expect(said).toEqual({
      canRead: false,
      canWrite: false,
      canList: false,
      canOverwrite: false,
      errors: { canRead: error, canWrite: error, canList: error, canOverwrite: error },
    });
  });

  test('is not listed', async () => {
    const { path } = await world.newDataset();
    await world.call('update_datasource_by_dataset_id', { path, body: gcs });
    const { status, error } = await world.refused('get_list_of_raw_samples_from_datasource_by_dataset_id', {
      path,
    });
    expect({ status, code: error.code }).toEqual({
      status: 400,
      code: 'DATASET_DATASOURCE_CREDENTIALS_ERROR',
    });
  });
});

describe('how far a dataset is processed', () => {
  test('is in seconds, and goes back as well as ahead', async () => {
    const { path } = await world.newDataset();
    const read = () => world.call('get_datasource_processed_until_timestamp_by_dataset_id', { path });
    expect(await read()).toEqual({ processedUntilTimestamp: 0 });
    for (const processedUntilTimestamp of [1_685_009_513, 1_684_749_813]) {
      const body = { processedUntilTimestamp };
      await world.call('update_datasource_processed_until_timestamp_by_dataset_id', { path, body });
      expect(await read()).toEqual(body);
    }
  });

  test('is refused in milliseconds', async () => {
    const { path } = await world.newDataset();
    const body = { processedUntilTimestamp: 1_685_009_513_000 };
    const refusal = await world.refused('update_datasource_processed_until_timestamp_by_dataset_id', {
      path,
      body,
    });
    expect(refusal.error.error).toContain('seconds');
  });
});
