import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
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

const NATIVE_PACKAGES = ['sharp', 'onnxruntime-node'] as const;
type NativePackage = (typeof NATIVE_PACKAGES)[number];

const directory = mkdtempSync(join(tmpdir(), 'winnow-bundles-'));
// Whatever is in a folder above a bundle must not change how Node reads it.
writeFileSync(join(directory, 'package.json'), '{"type":"module"}');
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let stack: SynthesizedStack;
/** Folders for NODE_PATH, by the package that a layer is for. */
let layers: Record<NativePackage, string>;
beforeAll(async () => {
  stack = await synthesizedStack();
  const copied = (name: NativePackage) => copyLayerForThisMachine(layerAsset(name), join(directory, name));
  layers = { sharp: copied('sharp'), 'onnxruntime-node': copied('onnxruntime-node') };
}, SYNTHESIS_TIMEOUT_MS);

const functionOf = (stage: string) =>
  functionsOf(stack).find(({ properties }) => properties.Environment.Variables.STAGE === stage)!.properties;
const bundleOf = (stage: string) => stack.assetDirectory(functionOf(stage).Code.S3Key, stage);

/** The folder of the layer that has the package. */
function layerAsset(name: NativePackage): string {
  const all = resourcesOf<{ Content: { S3Key: string } }>(stack, 'AWS::Lambda::LayerVersion');
  const folders = all.map(({ properties }) => stack.assetDirectory(properties.Content.S3Key, 'layer'));
  return folders.find((folder) => existsSync(join(folder, 'nodejs', 'node_modules', name)))!;
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
    const nodePath = functionOf(stage).Layers ? Object.values(layers) : [];
    expect(load(stage, nodePath)).toEqual({ status: 0, stdout: 'function', stderr: '' });
  });

  test('is small, and with its layers within what Lambda takes', () => {
    const bundle = bytesUnder(bundleOf(stage));
    const ofLayers = functionOf(stage).Layers
      ? NATIVE_PACKAGES.map((name) => bytesUnder(layerAsset(name)))
      : [];
    expect(bundle).toBeLessThan(10 * MEGABYTE);
    expect(ofLayers.reduce((sum, bytes) => sum + bytes, bundle)).toBeLessThan(250 * MEGABYTE);
  });
});

test.each(NATIVE_PACKAGES)(
  'the stages that look at images have layers, and only their bundles ask for %s',
  (name) => {
    const withLayer = STAGES.filter((stage) => functionOf(stage).Layers);
    const asking = STAGES.filter((stage) =>
      new RegExp(`require\\("${name}"\\)`).test(readFileSync(join(bundleOf(stage), 'index.js'), 'utf8')),
    );
    expect(withLayer).toEqual(['ingest', 'run']);
    expect(asking).toEqual(['ingest', 'run']);
  },
);

test('ingest does not load without its layer', () => {
  const { status, stderr } = load('ingest', []);
  expect(status).toBe(1);
  expect(stderr).toContain("Cannot find module 'sharp'");
  expect(stderr).toContain('MODULE_NOT_FOUND');
});

describe('the sharp layer', () => {
  test('has sharp and its libraries for Linux on arm64', () => {
    const packages = packagesIn(join(layerAsset('sharp'), 'nodejs', 'node_modules'));
    expect(packages).toEqual(
      expect.arrayContaining(['sharp', '@img/sharp-linux-arm64', '@img/sharp-libvips-linux-arm64']),
    );
    expect(packages.filter((name) => /-(x64|darwin|win32|linuxmusl)/.test(name))).toEqual([]);
  });

  test('has the versions that the tests of this project run with', () => {
    const packages = join(layerAsset('sharp'), 'nodejs', 'node_modules');
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

describe('the layer of the ONNX runtime', () => {
  const packages = () => join(layerAsset('onnxruntime-node'), 'nodejs', 'node_modules');

  test('has what the runtime needs on Linux on arm64, and nothing for other machines', () => {
    const binaries = readdirSync(join(packages(), 'onnxruntime-node', 'bin'), {
      recursive: true,
      encoding: 'utf8',
    });
    expect(packagesIn(packages()).sort()).toEqual(['onnxruntime-common', 'onnxruntime-node']);
    expect(binaries.filter((name) => /\.(node|so)/.test(name)).sort()).toEqual([
      'napi-v6/linux/arm64/libonnxruntime.so.1',
      'napi-v6/linux/arm64/onnxruntime_binding.node',
    ]);
    expect(bytesUnder(packages())).toBeLessThan(40 * MEGABYTE);
  });

  test('is all that the runtime asks for', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      ['-e', 'require("onnxruntime-node").InferenceSession.create(new Uint8Array(1)).catch(() => {})'],
      { cwd: directory, env: { NODE_PATH: layers['onnxruntime-node'] }, encoding: 'utf8' },
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
