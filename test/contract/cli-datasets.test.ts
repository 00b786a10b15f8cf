import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ADMINISTRATOR_TOKEN } from '../support/api-world.ts';
import { type CliWorld, startCliWorld } from '../support/cli-world.ts';

let cli: CliWorld;
beforeAll(async () => {
  cli = await startCliWorld();
});
afterAll(() => cli?.stop());

describe('winnow datasets', () => {
  test('makes, lists, shows, renames and deletes a dataset, by its name or its id', async () => {
    const made = await cli.winnow(['datasets', 'create', 'winter birds']);
    expect(made).toEqual({ code: 0, stdout: expect.stringMatching(/^[0-9a-f]{24}\n$/), stderr: '' });
    const id = made.stdout.trim();
    const { stdout: list } = await cli.winnow(['datasets', 'list', '--own']);
    expect(list.split('\n')[0]).toMatch(/^ID +NAME +SAMPLES +TYPE +CREATED \(UTC\)$/);
    expect(list).toContain(`${id}  winter birds        0  Images  20`);
    expect(await cli.json('datasets', 'list')).toMatchObject([{ id, name: 'winter birds', nSamples: 0 }]);

    const { stdout: shown } = await cli.winnow(['datasets', 'show', 'winter birds']);
    expect(shown).toMatch(/^id {7}[0-9a-f]{24}\nname {5}winter birds\ntype {5}Images\n/);
    expect(await cli.json('datasets', 'rename', id, 'summer birds')).toMatchObject({
      id,
      name: 'summer birds',
    });
    expect(await cli.json('datasets', 'show', 'summer birds')).toMatchObject({ id });
    expect(await cli.json('datasets', 'delete', 'summer birds', '--yes')).toEqual({
      ...{ id, name: 'summer birds', deleted: true },
    });
    expect(await cli.json('datasets', 'list')).toEqual([]);
  });

  test('an empty list says on standard error what to do', async () => {
    const { token } = await cli.world.addUser('new@example.com');
    expect(await cli.winnow(['datasets', 'list'], { env: { WINNOW_TOKEN: token } })).toEqual({
      ...{ code: 0, stdout: '', stderr: 'There are no datasets yet: winnow datasets create <name>\n' },
    });
  });

  test('deletes nothing where nobody can be asked', async () => {
    await cli.client.createDataset('precious');
    const { code, stderr } = await cli.winnow(['datasets', 'delete', 'precious']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--yes')]);
    expect(await cli.client.datasetNameExists('precious')).toBe(true);
  });
});

describe('exit codes', () => {
  test.each([
    { what: 'an unknown command', parameters: ['datasets', 'frobnicate'], code: 2, says: 'frobnicate' },
    { what: 'an unknown option', parameters: ['datasets', 'list', '--frob'], code: 2, says: '--frob' },
    { what: 'a name that is none', parameters: ['datasets', 'create', '?'], code: 2, says: 'name' },
    {
      what: 'a dataset that is not there',
      parameters: ['datasets', 'show', 'no one'],
      code: 3,
      says: "'no one'",
    },
    {
      what: 'an id that is not there',
      parameters: ['datasets', 'show', 'f'.repeat(24)],
      code: 3,
      says: 'fff',
    },
  ])('$what: $code', async ({ parameters, code, says }) => {
    const ended = await cli.winnow(parameters);
    expect(ended).toEqual({ code, stdout: '', stderr: expect.stringContaining(says) });
    expect(ended.stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('a name that is taken: 5, in one line with the id of the request', async () => {
    await cli.client.createDataset('taken');
    const { code, stderr } = await cli.winnow(['datasets', 'create', 'taken']);
    expect([code, stderr]).toEqual([5, expect.stringMatching(/^.*'taken'.* \(request [\w-]+\)\n$/)]);
  });

  test('a token that is not known, and a dataset of somebody else: 4', async () => {
    const unknown = await cli.winnow(['datasets', 'list'], { env: { WINNOW_TOKEN: 'not-mine' } });
    expect([unknown.code, unknown.stderr]).toEqual([4, expect.not.stringContaining('not-mine')]);
    const { token } = await cli.world.addUser('ann@example.com');
    const id = await cli.client.createDataset('not yours');
    const { code } = await cli.winnow(['datasets', 'show', id], { env: { WINNOW_TOKEN: token } });
    expect(code).toBe(4);
  });

  test('an API that can not be reached: 1, soon', async () => {
    const env = { WINNOW_API_URL: 'http://127.0.0.1:1' };
    const { code, stderr } = await cli.winnow(['datasets', 'list'], { env });
    expect([code, stderr]).toEqual([1, expect.stringContaining('Check the URL of the API')]);
    expect(stderr).not.toContain('    at ');
  });
});

describe('where the API is', () => {
  const NOTHING = { WINNOW_API_URL: '', WINNOW_TOKEN: '' };
  const list = (parameters: readonly string[], env: NodeJS.ProcessEnv, input?: string) =>
    cli.winnow(['datasets', 'list', ...parameters], { env: { ...NOTHING, ...env }, ...(input && { input }) });

  test('is said by the variables of the Python client too', async () => {
    const env = { LIGHTLY_SERVER_LOCATION: cli.server.url, LIGHTLY_TOKEN: ADMINISTRATOR_TOKEN };
    expect((await list([], env)).code).toBe(0);
  });

  test('is said by options; the token comes from a file or standard input', async () => {
    writeFileSync(join(cli.folder, 'token'), `${ADMINISTRATOR_TOKEN}\n`);
    const url = ['--api-url', `${cli.server.url}/`];
    expect((await list([...url, '--token-file', 'token'], {})).code).toBe(0);
    expect((await list([...url, '--token-file', '-'], {}, ADMINISTRATOR_TOKEN)).code).toBe(0);
  });

  test('is said by the ready file of a local cloud, which goes before the environment', async () => {
    const connection = { apiUrl: cli.server.url, token: ADMINISTRATOR_TOKEN, region: 'local' };
    writeFileSync(join(cli.folder, 'ready.json'), JSON.stringify(connection));
    const env = { WINNOW_API_URL: 'http://127.0.0.1:1', WINNOW_TOKEN: 'another' };
    expect((await list(['--connection', 'ready.json'], env)).code).toBe(0);
  });

  test.each([
    { what: 'no URL', env: { WINNOW_TOKEN: 'one' }, says: 'WINNOW_API_URL' },
    { what: 'no token', env: { WINNOW_API_URL: 'https://example.com' }, says: 'WINNOW_TOKEN' },
    { what: 'no URL at all', env: { WINNOW_API_URL: 'ftp://x', WINNOW_TOKEN: 'one' }, says: 'https://' },
    {
      what: 'a token of two lines',
      env: { WINNOW_API_URL: 'https://example.com', WINNOW_TOKEN: 'secret\nword' },
      says: 'The token is not one',
    },
  ])('$what is called wrongly, says what to give, and shows no token', async ({ env, says }) => {
    const { code, stderr } = await list([], env);
    expect([code, stderr]).toEqual([2, expect.stringContaining(says)]);
    expect(stderr).not.toContain('secret');
  });

  test('a token file that can not be read is named', async () => {
    mkdirSync(join(cli.folder, 'folder'));
    const { code, stderr } = await list(['--api-url', cli.server.url, '--token-file', 'folder'], {});
    expect([code, stderr]).toEqual([2, "The token file 'folder' can't be read.\n"]);
  });
});

test('--verbose tells of each request, and of no token', async () => {
  const { code, stderr } = await cli.winnow(['datasets', 'list', '--verbose']);
  expect(code).toBe(0);
  expect(stderr).toMatch(/^GET http:\/\/127\.0\.0\.1:\d+\/v1\/datasets 200, \d+ ms, request [\w-]+\n/);
  expect(stderr).not.toContain(ADMINISTRATOR_TOKEN);
});

test('names that hold control characters do not reach the terminal', async () => {
  const { stderr } = await cli.winnow(['datasets', 'show', 'a\u001b[2Jb']);
  expect(stderr).toContain('a\\u001b[2Jb');
});
