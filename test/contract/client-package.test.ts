import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { datasetData } from '../support/client-world.ts';
import { startProtocolServer, TOKEN } from '../support/protocol-server.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** A project of somebody who has installed the package, and nothing else. */
let project: string;
const installed = () => join(project, 'node_modules', 'winnow');
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'winnow-client-'));
  mkdirSync(join(project, 'node_modules'));
  const built = spawnSync(process.execPath, [join(PROJECT, 'scripts', 'build-client.mjs'), installed()]);
  if (built.status !== 0) throw new Error(String(built.stderr) + String(built.stdout));
  writeFileSync(join(project, 'package.json'), JSON.stringify({ type: 'module' }));
});
afterAll(() => rmSync(project, { recursive: true }));

/** Asynchronous: the server that the program talks to is in this process. */
async function run(file: string, text: string, env: Record<string, string> = {}): Promise<string> {
  writeFileSync(join(project, file), text);
  const child = spawn(process.execPath, [file], { cwd: project, env: { PATH: process.env.PATH, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  await new Promise((resolve) => child.once('close', resolve));
  return output;
}

test('is imported by its name in plain JavaScript, and works', async () => {
  const server = await startProtocolServer({ get_datasets: () => [datasetData()] });
  const program = `
    import { ApiWorkflowClient, BitMask } from 'winnow/client';
    const client = new ApiWorkflowClient();
    for await (const { name } of client.getDatasetsIter()) console.log(name, BitMask.fromHex('0x5').toIndices().join());
  `;
  const output = await run('main.js', program, { LIGHTLY_TOKEN: TOKEN, LIGHTLY_SERVER_LOCATION: server.url });
  await server.stop();
  expect(output).toBe('clothing 0,2\n');
});

test('says that it needs sharp where a folder is uploaded without', async () => {
  const output = await run(
    'upload.js',
    `
    import { ApiWorkflowClient } from 'winnow/client';
    const client = new ApiWorkflowClient({ token: 'one', serverLocation: 'http://127.0.0.1:9' });
    await client.uploadFolder('.').catch((error) => console.log(error.name, error.message));
  `,
  );
  expect(output).toBe(
    'InvalidConfigurationError Uploading a folder needs the package sharp, which reads images: npm install sharp\n',
  );
});

test('has types that check, and complain', () => {
  const program = (statement: string): string => `
    import { ApiWorkflowClient, type DatasetData, type TagData } from 'winnow/client';
    const client = new ApiWorkflowClient({ token: 'one', serverLocation: 'https://example.com' });
    export const datasets: DatasetData[] = await client.getDatasets({ shared: null });
    export const tags: TagData[] = await client.getAllTags();
    export const tasks: { id: number }[] = await client.exportLabelStudioTasksByTagName('chosen');
    for await (const { state } of client.computeWorkerRunInfoGenerator('id')) state satisfies string;
    await client.setS3Config({ resourcePath: 's3://a', region: 'eu-central-1', accessKey: 'a', secretAccessKey: 'b' });
    class Mine extends ApiWorkflowClient { override async getAllTags() { return super.getAllTags(); } }
    new Mine();
    ${statement}
  `;
  mkdirSync(join(project, 'node_modules', '@types'), { recursive: true });
  for (const name of ['@types/node', 'undici-types']) {
    symlinkSync(join(PROJECT, 'node_modules', name), join(project, 'node_modules', name));
  }
  const compiler = join(PROJECT, 'node_modules', 'typescript', 'bin', 'tsc');
  const check = (statement: string): string => {
    writeFileSync(join(project, 'typed.ts'), program(statement));
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'];
    return String(spawnSync(process.execPath, [compiler, ...options, 'typed.ts'], { cwd: project }).stdout);
  };
  expect(check('')).toBe('');
  expect(check('await client.getDatasets({ shard: true });')).toContain("'shard' does not exist");
  expect(check("await client.call('get_tag_by_tag_id', { path: { tagId: 'a' } });")).toContain('datasetId');
});

test('is one small file that needs nothing', () => {
  const manifest = JSON.parse(readFileSync(join(installed(), 'package.json'), 'utf8'));
  expect(manifest).toMatchObject({ name: 'winnow', type: 'module', license: 'Apache-2.0' });
  expect(manifest).not.toHaveProperty('dependencies');
  expect(manifest.peerDependenciesMeta).toEqual({ sharp: { optional: true } });
  const file = join(installed(), 'client', 'index.js');
  const imported = [...readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*"([^".]+)"/g)].map(
    ([, name]) => name,
  );
  expect([...new Set(imported)].filter((name) => !name?.startsWith('node:'))).toEqual(['sharp']);
  // The contract alone has four times as much.
  expect(statSync(file).size).toBeLessThan(150_000);
});

test('has its files where the project itself says that they are', () => {
  const { exports } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8'));
  for (const path of Object.values<string>(exports['./client'])) {
    expect(statSync(join(installed(), path.replace('./dist/', ''))).isFile()).toBe(true);
  }
});
