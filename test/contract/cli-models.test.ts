import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { startStorageServer, startTableServer } from '../support/aws-servers.ts';
import { deploymentVariables } from '../support/deployment-variables.ts';
import { killPrograms, runProgram } from '../support/program.ts';
import { tinyOnnxModel } from '../support/tiny-onnx-model.ts';

// Each command is a process of its own that loads the SDK of AWS and the ONNX runtime.
jest.setTimeout(120_000);

let storage: Awaited<ReturnType<typeof startStorageServer>>;
let tableServer: Awaited<ReturnType<typeof startTableServer>>;
let folder: string;
let env: NodeJS.ProcessEnv;

const weights = Array.from({ length: 12 }, (_, row) => [row, 1]);
const description = (version: string, dimension = 2) => ({
  ...{ name: 'tiny', version },
  input: { name: 'pixels', width: 2, height: 2 },
  output: { name: 'vector', dimension },
});
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
const winnow = (...parameters: string[]) => runProgram('cli/main.ts', parameters, { env, input: '' });

beforeAll(async () => {
  [storage, tableServer] = await Promise.all([startStorageServer(), startTableServer()]);
  folder = mkdtempSync(join(tmpdir(), 'winnow-models-'));
  write('model.onnx', tinyOnnxModel({ inputShape: [1, 3, 2, 2], weights }));
  env = await deploymentVariables(tableServer, storage);
});
afterAll(async () => {
  killPrograms();
  rmSync(folder, { recursive: true, force: true });
  await Promise.all([storage?.stop(), tableServer?.stop()]);
});

const add = (named: object) =>
  winnow('models', 'add', write('description.json', JSON.stringify(named)), join(folder, 'model.onnx'));

describe('winnow models', () => {
  test('add tries the model and registers it; list shows it; settings may name it', async () => {
    expect(await winnow('models', 'list', '--json')).toMatchObject({ code: 0, output: '[]\n' });
    const added = await add(description('1'));
    expect(added).toMatchObject({ code: 0 });
    expect(added.output).toContain('set ingest.embeddingModel to "tiny/1"');
    expect((await winnow('models', 'list')).output).toMatch(/tiny\/1\s+2 × 2\s+2/);

    const settings = (model: string) =>
      winnow(
        'settings',
        'set',
        'birds',
        write('s.json', JSON.stringify({ ingest: { embeddingModel: model } })),
      );
    expect(JSON.parse((await settings('tiny/1')).output).ingest.embeddingModel).toBe('tiny/1');
    const refused = await settings('tiny/9');
    expect(refused.code).toBe(2);
    expect(refused.output).toContain("There is no embedding model 'tiny/9'");
    expect(refused.output).toContain('winnow models add');
  });

  test('a version never changes', async () => {
    await add(description('7'));
    const again = await add(description('7'));
    expect(again.code).toBe(5);
    expect(again.output).toContain('Give this one another version');
  });

  test.each([
    ['a description that names another size', description('2', 3), 'output.dimension'],
    ['a description with an unknown field', { ...description('2'), quality: 'best' }, 'quality'],
  ])('%s is refused, and nothing is registered', async (_, named, field) => {
    const refused = await add(named);
    expect(refused.code).toBe(2);
    expect(refused.output).toContain(field);
    expect((await winnow('models', 'list')).output).not.toContain('tiny/2');
  });
});
