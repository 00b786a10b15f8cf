import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DatasourceConfig } from '#contracts/protocol/types.gen';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { captureOutput } from '../support/captured-output.ts';

let world: ApiWorld;
beforeAll(async () => {
  world = await startApiWorld();
});
afterAll(() => world.stop());

let made = 0;
/** The path of a new dataset, and its name. */
async function newDataset(token?: string) {
  made += 1;
  const datasetName = `datasources-${made}`;
  const { id: datasetId } = await world.call('create_dataset', {
    body: { name: datasetName },
    ...(token && { token }),
  });
  return { path: { datasetId }, name: datasetName };
}

const put = (bucket: string, key: string, body = 'x') =>
  world.storage.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
const landing = () => world.deps.buckets.landing;

const SECRET = 'a-secret-that-nobody-may-see';
const S3 = {
  type: 'S3',
  purpose: 'INPUT',
  fullPath: 's3://some-bucket/images/',
  thumbSuffix: '.lightly/thumbnails/[filename]_thumb.[extension]',
  s3Region: 'eu-central-1',
  s3AccessKeyId: 'AKIDEXAMPLE',
  s3SecretAccessKey: SECRET,
} as const;
const DELEGATED = {
  type: 'S3DelegatedAccess',
  purpose: 'INPUT',
  fullPath: 's3://some-bucket/images',
  s3Region: 'us-gov-east',
  s3ExternalId: 'agreed-external-id',
  s3ARN: 'arn:aws:iam::123456789012:role/Lightly',
} as const;
const CONFIGS: readonly (readonly [DatasourceConfig, secret: string | undefined])[] = [
  [
    { ...S3, s3ServerSideEncryptionKMSKey: 'arn:aws:kms:eu-central-1:123456789012:key/1' },
    's3SecretAccessKey',
  ],
  [DELEGATED, undefined],
  [
    {
      type: 'GCS',
      purpose: 'INPUT',
      fullPath: 'gs://bucket/images',
      gcsProjectId: 'p',
      gcsCredentials: SECRET,
    },
    'gcsCredentials',
  ],
  [
    { type: 'AZURE', purpose: 'INPUT', fullPath: 'container/images', accountName: 'a', accountKey: SECRET },
    'accountKey',
  ],
  [
    {
      type: 'OBS',
      purpose: 'INPUT',
      fullPath: 'obs://bucket/images',
      obsEndpoint: 'https://obs.example.com',
      obsAccessKeyId: 'id',
      obsSecretAccessKey: SECRET,
    },
    'obsSecretAccessKey',
  ],
  [
    { type: 'LOCAL', purpose: 'INPUT', fullPath: 'images', webServerLocation: 'http://localhost:3456' },
    undefined,
  ],
];

describe('a dataset that never had a datasource configured', () => {
  test("shows Winnow's own buckets, as type LIGHTLY", async () => {
    const { path, name } = await newDataset();
    const all = await world.call('get_datasources_by_dataset_id', { path });
    expect(all).toEqual([
      expect.objectContaining({ type: 'LIGHTLY', purpose: 'INPUT', fullPath: `s3://${landing()}/${name}/` }),
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
    const { path } = await newDataset();
    const query = { purpose: 'INPUT_OUTPUT' };
    const { status, error } = await world.refused('get_datasource_by_dataset_id', { path, query });
    expect({ status, code: error.code }).toEqual({ status: 404, code: 'DATASET_DATASOURCE_UNKNOWN' });
  });
});

describe('a configured datasource', () => {
  test.each(CONFIGS.map(([config, secret]) => [config.type, config, secret] as const))(
    'of type %s is shown as it was set, without its secret, under the same id for ever',
    async (_, config, secret) => {
      const { path } = await newDataset();
      const { id: before } = await world.call('get_datasource_by_dataset_id', { path });
      await world.call('update_datasource_by_dataset_id', { path, body: config });
      const shown = await world.call('get_datasource_by_dataset_id', { path, query: { purpose: 'INPUT' } });
      expect(shown).toEqual({ ...config, id: before, ...(secret && { [secret]: '********' }) });
    },
  );

  test('keeps its secret when a program sends back what it has read', async () => {
    const { path } = await newDataset();
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
    const { path } = await newDataset();
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
    const { path } = await newDataset();
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
    const { path, name } = await newDataset();
    await world.call('update_datasource_by_dataset_id', { path, body: { ...S3, purpose: 'INPUT_OUTPUT' } });
    const body = { type: 'LIGHTLY', purpose: 'INPUT', fullPath: '' } as const;
    await world.call('update_datasource_by_dataset_id', { path, body });
    const { fullPath } = await world.call('get_datasource_by_dataset_id', { path });
    expect(fullPath).toBe(`s3://${landing()}/${name}/`);
  });

  test.each([
    ['a bucket that can be none', { ...S3, fullPath: 's3://a/b' }],
    ['a way out of the bucket', { ...S3, fullPath: 's3://some-bucket/a/../b' }],
    ['a path that is too long', { ...S3, fullPath: `s3://some-bucket/${'x'.repeat(600)}` }],
    ['a field without end', { ...S3, s3SecretAccessKey: 'x'.repeat(20_000) }],
    ['an absolute path of a local server', { type: 'LOCAL', purpose: 'INPUT', fullPath: '/etc' }],
  ])('is refused with %s', async (_, body) => {
    const { path } = await newDataset();
    const { status, error } = await world.refused('update_datasource_by_dataset_id', { path, body });
    expect({ status, code: error.code }).toEqual({ status: 400, code: 'DATASET_DATASOURCE_INVALID' });
    expect(error.error).not.toContain('xxxxx');
  });

  test('shows no secret in logs, also where it is refused', async () => {
    const { path } = await newDataset();
    const bodies = [S3, { ...S3, s3Region: 'nowhere' }, { ...S3, fullPath: '//' }, { ...S3, more: 1 }];
    const { text } = await captureOutput(async () => {
      for (const body of bodies) await world.send('update_datasource_by_dataset_id', { path, body });
      await world.call('get_datasources_by_dataset_id', { path });
    });
    expect(text).toContain('Request refused');
    expect(text).not.toContain(SECRET);
  });

  test('is set by several at once without loss', async () => {
    const { path } = await newDataset();
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

test('a role may be in any partition, and in a region that is new', async () => {
  const { path } = await newDataset();
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
    const mine = await newDataset(owner.token);
    const theirs = await newDataset(other.token);
    expect(await set(mine.path, owner.token)).toMatchObject({ status: 200 });
    expect(await set(theirs.path, other.token)).toMatchObject({ status: 403, body: { code: 'FORBIDDEN' } });
    expect(await set(theirs.path, other.token, { s3ExternalId: 'another-id-of-theirs' })).toMatchObject({
      status: 200,
    });
    expect(await set((await newDataset(owner.token)).path, owner.token)).toMatchObject({ status: 200 });
  });

  test('is not pointed to another bucket by somebody that the dataset is shared with', async () => {
    const [owner, guest] = [await world.addUser('owner@c.example'), await world.addUser('guest@d.example')];
    const { path } = await newDataset(owner.token);
    const role = { s3ExternalId: 'the-id-of-owner-c' };
    await set(path, owner.token, role);
    await world.call('create_or_update_shared_access_config_by_dataset_id', {
      path,
      body: { accessType: 'WRITE', users: ['guest@d.example'] },
      token: owner.token,
    });
    expect(await set(path, guest.token, { ...role, thumbSuffix: 'x' })).toMatchObject({ status: 200 });
    expect(await set(path, guest.token, { ...role, fullPath: 's3://other-bucket' })).toMatchObject({
      status: 403,
    });
  });
});

describe('what Winnow can not reach into', () => {
  const gcs = CONFIGS[2]![0];

  test('is said by the verification', async () => {
    const { path } = await newDataset();
    await world.call('update_datasource_by_dataset_id', { path, body: { ...gcs, purpose: 'INPUT_OUTPUT' } });
    const said = await world.call('verify_datasource_by_dataset_id', { path });
    const error = expect.stringContaining('GCS');
    expect(said).toEqual({
      canRead: false,
      canWrite: false,
      canList: false,
      canOverwrite: false,
      errors: { canRead: error, canWrite: error, canList: error, canOverwrite: error },
    });
  });

  test('is not listed', async () => {
    const { path } = await newDataset();
    await world.call('update_datasource_by_dataset_id', { path, body: gcs });
    const { status, error } = await world.refused('get_list_of_raw_samples_from_datasource_by_dataset_id', {
      path,
    });
    expect({ status, code: error.code }).toEqual({
      status: 400,
      code: 'DATASET_DATASOURCE_ACTION_NOT_IMPLEMENTED',
    });
  });
});

describe('how far a dataset is processed', () => {
  test('is in seconds, and goes back as well as ahead', async () => {
    const { path } = await newDataset();
    const read = () => world.call('get_datasource_processed_until_timestamp_by_dataset_id', { path });
    expect(await read()).toEqual({ processedUntilTimestamp: 0 });
    for (const processedUntilTimestamp of [1_685_009_513, 1_684_749_813]) {
      const body = { processedUntilTimestamp };
      await world.call('update_datasource_processed_until_timestamp_by_dataset_id', { path, body });
      expect(await read()).toEqual(body);
    }
  });

  test('is refused in milliseconds', async () => {
    const { path } = await newDataset();
    const body = { processedUntilTimestamp: 1_685_009_513_000 };
    const refusal = await world.refused('update_datasource_processed_until_timestamp_by_dataset_id', {
      path,
      body,
    });
    expect(refusal.error.error).toContain('seconds');
  });
});

describe("files of Winnow's own buckets", () => {
  test('pass the verification, which leaves nothing behind', async () => {
    const { path } = await newDataset();
    expect(await world.call('verify_datasource_by_dataset_id', { path })).toEqual({
      canRead: true,
      canWrite: true,
      canList: true,
      canOverwrite: true,
    });
    const left: string[] = [];
    for await (const { key } of world.deps.objects.list(world.deps.buckets.platform, '')) left.push(key);
    expect(left.filter((key) => key.includes('verify'))).toEqual([]);
  });

  test('are listed page by page with URLs that read them', async () => {
    const { path, name } = await newDataset();
    await Promise.all(
      ['a.png', 'b/c.jpg', 'notes.txt'].map((file) => put(landing(), `${name}/${file}`, file)),
    );
    const page = await world.call('get_list_of_raw_samples_from_datasource_by_dataset_id', { path });
    expect(page).toMatchObject({ hasMore: false, cursor: '' });
    const read = page.data.map(async ({ fileName, readUrl }) => [
      fileName,
      await (await fetch(readUrl)).text(),
    ]);
    expect(await Promise.all(read)).toEqual([
      ['a.png', 'a.png'],
      ['b/c.jpg', 'b/c.jpg'],
    ]);
  });

  test('are reached through the API with a redirected URL, without a token of the caller', async () => {
    const { path, name } = await newDataset();
    await put(landing(), `${name}/ä b+c.png`, 'content');
    const { data } = await world.call('get_list_of_raw_samples_from_datasource_by_dataset_id', {
      path,
      query: { useRedirectedReadUrl: true },
    });
    const url = new URL(data[0]!.readUrl);
    expect(url.origin + url.pathname).toBe(
      `http://localhost/v1/datasets/${path.datasetId}/datasource/readurlRedirect`,
    );
    const query = { path: url.searchParams.get('path')! };
    const publicToken = url.searchParams.get('publicToken')!;
    const { status, headers } = await world.send('get_resource_read_url_redirect', {
      path,
      query,
      publicToken,
    });
    expect(status).toBe(302);
    expect(await (await fetch(headers.location!)).text()).toBe('content');
    const other = { path, query: { path: 'other.png' }, publicToken };
    expect(await world.refused('get_resource_read_url_redirect', other)).toMatchObject({ status: 401 });
  });

  test('redirect who has access to the dataset, and nobody else', async () => {
    const { path, name } = await newDataset();
    await put(landing(), `${name}/a.png`, 'content');
    const query = { path: 'a.png' };
    const { headers } = await world.send('get_resource_read_url_redirect', { path, query });
    expect(await (await fetch(headers.location!)).text()).toBe('content');
    const { token } = await world.addUser(`stranger-${path.datasetId}@e.example`);
    expect(await world.refused('get_resource_read_url_redirect', { path, query, token })).toMatchObject({
      status: 403,
    });
  });

  test('of predictions are written and read by URL, and listed by task', async () => {
    const { path } = await newDataset();
    const fileName = 'some/task/a/b.json';
    const url = await world.call('get_prediction_file_write_url_from_datasource_by_dataset_id', {
      path,
      query: { fileName },
    });
    expect((await fetch(url, { method: 'PUT', body: '{}' })).status).toBe(200);
    const read = await world.call('get_prediction_file_read_url_from_datasource_by_dataset_id', {
      path,
      query: { fileName },
    });
    expect(await (await fetch(read)).text()).toBe('{}');
    const { data } = await world.call('get_list_of_raw_samples_predictions_from_datasource_by_dataset_id', {
      path,
      query: { taskName: 'some/task' },
    });
    expect(data.map((row) => row.fileName)).toEqual([`.lightly/predictions/${fileName}`]);
  });

  test.each([
    ['metadata', 'get_metadata_file_read_url_from_datasource_by_dataset_id'],
    ['embeddings', 'get_custom_embedding_file_read_url_from_datasource_by_dataset_id'],
  ] as const)('of %s are read by URL', async (folder, operation) => {
    const { path } = await newDataset();
    const { prefix } = (await world.deps.datasets.get(path.datasetId))!.lightlyDatasource;
    await put(world.deps.buckets.platform, `${prefix}.lightly/${folder}/a.json`, folder);
    const url = await world.call(operation, { path, query: { fileName: 'a.json' } });
    expect(await (await fetch(url)).text()).toBe(folder);
  });

  test('are asked for with a URL for HEAD, whether they are there or not', async () => {
    const { path, name } = await newDataset();
    await put(landing(), `${name}/a.png`);
    const statusOf = async (fileName: string) => {
      const operation = 'get_head_file_read_url_from_datasource_by_dataset_id';
      const url = await world.call(operation, { path, query: { fileName } });
      return (await fetch(url, { method: 'HEAD' })).status;
    };
    expect([await statusOf('a.png'), await statusOf('b.png')]).toEqual([200, 404]);
  });

  test.each([
    'get_custom_embedding_file_read_url_from_datasource_by_dataset_id',
    'get_head_file_read_url_from_datasource_by_dataset_id',
    'get_metadata_file_read_url_from_datasource_by_dataset_id',
    'get_prediction_file_read_url_from_datasource_by_dataset_id',
    'get_prediction_file_write_url_from_datasource_by_dataset_id',
  ] as const)('never lie outside of it: %s', async (operation) => {
    const { path } = await newDataset();
    const hostile = ['../../x.json', '/etc/passwd', 'a/./b.json', 'a\u0000.json', 'x'.repeat(1100)];
    for (const fileName of hostile) {
      expect(await world.refused(operation, { path, query: { fileName } })).toMatchObject({ status: 400 });
    }
  });

  test('never lie outside of it: redirects', async () => {
    const { path } = await newDataset();
    for (const hostile of ['../x', '/x', '', '.lightly/../../x']) {
      const call = { path, query: { path: hostile } };
      expect(await world.refused('get_resource_read_url_redirect', call)).toMatchObject({ status: 400 });
    }
  });
});

describe('relevant files', () => {
  const LIST = 'get_list_of_raw_samples_from_datasource_by_dataset_id';
  const METADATA = 'get_list_of_raw_samples_metadata_from_datasource_by_dataset_id';
  const atLightly = async (datasetId: string, file: string, body: string) => {
    const { bucket, prefix } = (await world.deps.datasets.get(datasetId))!.lightlyDatasource;
    await put(bucket, prefix + file, body);
  };

  test('limit listings to the files of a list', async () => {
    const { path, name } = await newDataset();
    await Promise.all(['a.png', 'b.png', 'c/d.png'].map((file) => put(landing(), `${name}/${file}`)));
    await atLightly(path.datasetId, '.lightly/relevant.txt', 'a.png\nc/*');
    await Promise.all(
      ['a.json', 'b.json', 'schema.json'].map((file) =>
        atLightly(path.datasetId, `.lightly/metadata/${file}`, '{}'),
      ),
    );
    const query = { relevantFilenamesFileName: '.lightly/relevant.txt' };
    const samples = await world.call(LIST, { path, query });
    expect(samples.data.map(({ fileName }) => fileName)).toEqual(['a.png', 'c/d.png']);
    const metadata = await world.call(METADATA, { path, query });
    expect(metadata.data.map(({ fileName }) => fileName)).toEqual(['.lightly/metadata/a.json']);
    await atLightly(path.datasetId, '.lightly/relevant.txt', 'b.png\n#changed, and read again');
    const again = await world.call(LIST, { path, query });
    expect(again.data.map(({ fileName }) => fileName)).toEqual(['b.png']);
  });

  test.each([
    ['that is not there', '.lightly/none.txt'],
    ['outside of .lightly/', 'relevant.txt'],
    ['that is not valid', '.lightly/bad.txt'],
  ])('are refused from a list %s', async (_, relevantFilenamesFileName) => {
    const { path } = await newDataset();
    await atLightly(path.datasetId, '.lightly/bad.txt', '/absolute.png');
    const { status, error } = await world.refused(LIST, { path, query: { relevantFilenamesFileName } });
    expect({ status, code: error.code }).toEqual({
      status: 400,
      code: 'DATASET_DATASOURCE_RELEVANT_FILENAMES_INVALID',
    });
  });

  test('come from no run of another dataset, and need run and artifact', async () => {
    const { path } = await newDataset();
    const id = 'a'.repeat(24);
    const both = { relevantFilenamesRunId: id, relevantFilenamesArtifactId: id };
    expect(await world.refused(METADATA, { path, query: both })).toMatchObject({
      status: 404,
      error: { code: 'DOCKER_RUN_UNKNOWN' },
    });
    const one = { relevantFilenamesRunId: id };
    expect(await world.refused(METADATA, { path, query: one })).toMatchObject({ status: 400 });
  });
});

describe('cursors', () => {
  const LIST = 'get_list_of_raw_samples_from_datasource_by_dataset_id';
  const DNC = 'get_divide_and_conquer_list_of_raw_samples_from_datasource_by_dataset_id';

  test('of a split listing have every file once, and keep its time range', async () => {
    const { path, name } = await newDataset();
    const files = Array.from({ length: 40 }, (_, at) => `img-${at + 10}.png`);
    await Promise.all(files.map((file) => put(landing(), `${name}/${file}`)));
    const { cursors } = await world.call(DNC, { path, query: { dncShards: 4 } });
    expect(cursors).toHaveLength(4);
    const pages = await Promise.all(cursors.map((cursor) => world.call(LIST, { path, query: { cursor } })));
    expect(pages.flatMap(({ data }) => data.map(({ fileName }) => fileName))).toEqual(files);
    const early = await world.call(DNC, { path, query: { dncShards: 1, from: 0, to: 1 } });
    const [cursor] = early.cursors;
    const { data } = await world.call(LIST, { path, query: { cursor: cursor!, from: 0, to: 9_999_999_999 } });
    expect(data).toEqual([]);
  });

  test.each([
    ['are text', 'nonsense'],
    ['are JSON of another kind', Buffer.from('{"scope":{"kind":"samples"}}').toString('base64url')],
    ['have more than they should', Buffer.from('{"scope":{},"bucket":"mine"}').toString('base64url')],
    ['are endless', 'e30'.repeat(20_000)],
  ])('are refused that %s', async (_, cursor) => {
    const { path } = await newDataset();
    expect(await world.refused(LIST, { path, query: { cursor } })).toMatchObject({ status: 400 });
  });

  test('of one kind are refused by another, and never lead to other datasets', async () => {
    const { path, name } = await newDataset();
    const other = await newDataset();
    await Promise.all([put(landing(), `${name}/a.png`), put(landing(), `${other.name}/secret.png`)]);
    const { cursors } = await world.call(
      'get_divide_and_conquer_list_of_raw_samples_metadata_from_datasource_by_dataset_id',
      { path, query: { dncShards: 1 } },
    );
    expect(await world.refused(LIST, { path, query: { cursor: cursors[0] } })).toMatchObject({ status: 400 });
    const scope = { kind: 'samples', from: 0, to: 9_999_999_999 };
    const hostile = { scope, after: '../', until: `../${other.name}/zzz` };
    const cursor = Buffer.from(JSON.stringify(hostile)).toString('base64url');
    const { data } = await world.call(LIST, { path, query: { cursor } });
    expect(data.map(({ fileName }) => fileName)).not.toContain('secret.png');
  });

  test.each([
    'get_divide_and_conquer_list_of_raw_samples_metadata_from_datasource_by_dataset_id',
    'get_divide_and_conquer_list_of_raw_samples_predictions_from_datasource_by_dataset_id',
  ] as const)('are there also where nothing is to be listed: %s', async (operation) => {
    const { path } = await newDataset();
    const { cursors } = await world.call(operation, { path, query: { dncShards: 8, taskName: 'task' } });
    expect(cursors).toHaveLength(1);
  });
});
