import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CliWorld, startCliWorld } from '../support/cli-world.ts';
import { datasetWithSamples } from '../support/dataset-with-samples.ts';

let cli: CliWorld;
beforeAll(async () => {
  cli = await startCliWorld();
});
afterAll(() => cli?.stop());

describe('winnow tokens', () => {
  test('makes a token that works, prints it alone, lists it without, and ends it', async () => {
    const { code, stdout, stderr } = await cli.winnow(['tokens', 'create', 'laptop']);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^wnw_\S+\n$/)]);
    const token = stdout.trim();
    expect(stderr).not.toContain(token);
    const list = () => cli.winnow(['datasets', 'list'], { env: { WINNOW_TOKEN: token } });
    expect((await list()).code).toBe(0);

    const { stdout: table } = await cli.winnow(['tokens', 'list']);
    expect(table).toMatch(/^ID +NAME +WHOSE +TOKEN +STATE\n/);
    expect(table).toMatch(new RegExp(`laptop .* wnw_…${token.slice(-4)} +works`));
    const [{ id }] = await cli.json('tokens', 'list');
    expect((await cli.winnow(['tokens', 'revoke', id])).stdout).toBe(`${id} does not work any more\n`);
    expect((await list()).code).toBe(4);
    expect((await cli.winnow(['tokens', 'list'])).stdout).toMatch(/laptop .* revoked\n/);
  });

  test('makes tokens for others, and service accounts, that end', async () => {
    const options = ['--role', 'SERVICEACCOUNT', '--expires-in-days', '7'];
    const made = await cli.json('tokens', 'create', 'nightly', ...options);
    expect(made).toMatchObject({ name: 'nightly', role: 'SERVICEACCOUNT', token: expect.any(String) });
    expect(made.expiresAt).toBeGreaterThan(Date.now());
    const anns = await cli.json('tokens', 'create', 'welcome', '--email', 'ann@example.com');
    expect(anns).toMatchObject({ email: 'ann@example.com', role: 'MEMBER' });
    expect((await cli.winnow(['tokens', 'list'])).stdout).toMatch(/nightly .* until 20\d\d-\d\d-\d\d\n/);

    const env = { WINNOW_TOKEN: anns.token };
    const forbidden = await cli.winnow(['tokens', 'create', 'x', '--email', 'bob@example.com'], { env });
    expect([forbidden.code, forbidden.stdout]).toEqual([4, '']);
  });

  test.each([
    { what: 'a token that is not there', parameters: ['revoke', 'f'.repeat(24)], code: 3, says: 'token' },
    { what: 'a path instead of an id', parameters: ['revoke', '../me'], code: 3, says: 'There is no' },
    { what: 'an empty name', parameters: ['create', ' '], code: 2, says: 'name' },
    {
      what: 'a role that is none',
      parameters: ['create', 'x', '--role', 'KING'],
      code: 2,
      says: 'SERVICEACCOUNT',
    },
  ])('$what: $code', async ({ parameters, code, says }) => {
    const ended = await cli.winnow(['tokens', ...parameters]);
    expect(ended).toEqual({ code, stdout: '', stderr: expect.stringContaining(says) });
  });

  test('an API that is not there: 1', async () => {
    const { code, stderr } = await cli.winnow(['tokens', 'list'], {
      env: { WINNOW_API_URL: 'http://127.0.0.1:1' },
    });
    expect([code, stderr]).toEqual([1, expect.stringContaining('Check the URL of the API')]);
  });
});

async function ensureDataset(name: string): Promise<void> {
  if (!(await cli.client.datasetNameExists(name))) await cli.client.createDataset(name);
}

describe('winnow datasources', () => {
  const ROLE = ['--region', 'eu-central-1', '--role-arn', 'arn:aws:iam::123456789012:role/winnow'];

  test('shows what a dataset has, and that it works', async () => {
    const { name } = await datasetWithSamples(cli.world, 1);
    expect((await cli.winnow(['datasources', 'show', name])).stdout).toMatch(/^type +LIGHTLY\npath +s3:\/\//);
    const verified = await cli.winnow(['datasources', 'verify', name]);
    expect([verified.code, verified.stdout]).toEqual([
      0,
      expect.stringMatching(/^list images +yes\nread images +yes\n/),
    ]);
  });

  test('sets S3 with a role; its external id comes from the environment', async () => {
    await cli.client.createDataset('delegated');
    const parameters = [
      'datasources',
      'set-s3-delegated',
      'delegated',
      '--path',
      's3://bucket/photos',
      ...ROLE,
    ];
    const missing = await cli.winnow(parameters);
    expect([missing.code, missing.stderr]).toEqual([2, expect.stringContaining('WINNOW_EXTERNAL_ID')]);
    const env = { WINNOW_EXTERNAL_ID: 'external-id-of-a-test' };
    const { code, stdout } = await cli.winnow(parameters, { env });
    expect([code, stdout]).toEqual([0, expect.stringContaining('path        s3://bucket/photos')]);
    expect(stdout).not.toContain('external-id-of-a-test');
    expect(await cli.json('datasources', 'show', 'delegated')).toMatchObject({ type: 'S3DelegatedAccess' });
  });

  test.each([
    { what: 'a dataset that is not there', parameters: ['show', 'nobody'], code: 3 },
    {
      what: 'a role that is none',
      parameters: [
        'set-s3-delegated',
        'plain',
        '--path',
        's3://b',
        '--region',
        'eu-central-1',
        '--role-arn',
        'me',
        '--external-id',
        'long-enough-id',
      ],
      code: 2,
    },
  ])('$what: $code', async ({ parameters, code }) => {
    await ensureDataset('plain');
    expect((await cli.winnow(['datasources', ...parameters])).code).toBe(code);
  });
});
