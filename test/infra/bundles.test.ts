import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { STAGES } from '#contracts/stages';
import type { SynthesizedStack } from '../../local/template.ts';
import { copyLayerForThisMachine, packagesIn, versionOf } from '../support/layer-packages.ts';
import {
  functionsOf,
  referredTo,
  resourcesOf,
  SYNTHESIS_TIMEOUT_MS,
  synthesizedStack,
} from '../support/synthesized-stack.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const MEGABYTE = 1024 * 1024;
/** With the global that Lambda's runtime has for handlers that stream. */
const LOAD = `
  globalThis.awslambda = { streamifyResponse: (handler) => handler };
  console.log(typeof require("./index.js").handler);
`;

const directory = mkdtempSync(join(tmpdir(), 'winnow-bundles-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let stack: SynthesizedStack;
let sharpLayer: string;
beforeAll(async () => {
  stack = await synthesizedStack();
  sharpLayer = copyLayerForThisMachine(layerAsset(), join(directory, 'sharp'));
}, SYNTHESIS_TIMEOUT_MS);

const functionOf = (stage: string) =>
  functionsOf(stack).find(({ properties }) => properties.Environment.Variables.STAGE === stage)!.properties;
const bundleOf = (stage: string) => stack.assetDirectory(functionOf(stage).Code.S3Key, stage);

function layerAsset(): string {
  const [layer] = resourcesOf<{ Content: { S3Key: string } }>(stack, 'AWS::Lambda::LayerVersion');
  return stack.assetDirectory(layer!.properties.Content.S3Key, 'layer');
}

/** Loads a bundle alone in a folder, with the environment of the template and these packages. */
function load(stage: string, nodePath: readonly string[]) {
  const folder = mkdtempSync(join(directory, `${stage}-`));
  const task = join(folder, 'task');
  mkdirSync(task);
  cpSync(bundleOf(stage), task, { recursive: true });
  const variables = Object.entries(functionOf(stage).Environment.Variables).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : referredTo(value),
  ]);
  const env = { ...Object.fromEntries(variables), AWS_REGION: 'eu-west-1', NODE_PATH: nodePath.join(':') };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', LOAD], {
    cwd: task,
    env,
    encoding: 'utf8',
  });
  return { status, stdout: stdout.trim(), stderr };
}

const bytesUnder = (path: string): number =>
  readdirSync(path, { recursive: true, encoding: 'utf8' })
    .map((name) => statSync(join(path, name)))
    .reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);

describe.each(STAGES)('the bundle of %s', (stage) => {
  test('loads in an empty folder, with nothing but the packages of its layers', () => {
    const nodePath = functionOf(stage).Layers ? [sharpLayer] : [];
    expect(load(stage, nodePath)).toEqual({ status: 0, stdout: 'function', stderr: '' });
  });

  test('is small, and with its layers within what Lambda takes', () => {
    const bundle = bytesUnder(bundleOf(stage));
    const layers = functionOf(stage).Layers ? bytesUnder(layerAsset()) : 0;
    expect(bundle).toBeLessThan(10 * MEGABYTE);
    expect(bundle + layers).toBeLessThan(250 * MEGABYTE);
  });
});

test('the stages that look at images have the layer, and only their bundles ask for sharp', () => {
  const withLayer = STAGES.filter((stage) => functionOf(stage).Layers);
  const asking = STAGES.filter((stage) =>
    /require\("sharp"\)/.test(readFileSync(join(bundleOf(stage), 'index.js'), 'utf8')),
  );
  expect(withLayer).toEqual(['ingest', 'run']);
  expect(asking).toEqual(['ingest', 'run']);
});

test('ingest does not load without its layer', () => {
  const { status, stderr } = load('ingest', []);
  expect(status).toBe(1);
  expect(stderr).toContain("Cannot find module 'sharp'");
  expect(stderr).toContain('MODULE_NOT_FOUND');
});

describe('the sharp layer', () => {
  test('has sharp and its libraries for Linux on arm64', () => {
    const packages = packagesIn(join(layerAsset(), 'nodejs', 'node_modules'));
    expect(packages).toEqual(
      expect.arrayContaining(['sharp', '@img/sharp-linux-arm64', '@img/sharp-libvips-linux-arm64']),
    );
    expect(packages.filter((name) => /-(x64|darwin|win32|linuxmusl)/.test(name))).toEqual([]);
  });

  test('has the versions that the tests of this project run with', () => {
    const packages = join(layerAsset(), 'nodejs', 'node_modules');
    const { dependencies } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(versionOf(join(packages, 'sharp'))).toBe(dependencies.sharp);
    for (const name of packagesIn(packages).filter((each) => each.startsWith('@img/'))) {
      const own = name.replace('-linux-arm64', `-${process.platform}-${process.arch}`);
      expect([name, versionOf(join(packages, name))]).toEqual([
        name,
        versionOf(join(PROJECT, 'node_modules', own)),
      ]);
    }
  });
});
