import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FunctionPlan } from './plan-types.ts';

/**
 * The folders in which functions run, laid out as Lambda lays them out: each bundle alone in its folder, the AWS SDK
 * above it, and each layer's packages on NODE_PATH. They are outside the project, so that nothing of the project is
 * found by accident, neither a package nor the `"type": "module"` of its package.json.
 */
export interface FunctionRuntime {
  /** The folder of a function's bundle, and its `NODE_PATH`. */
  readonly install: (plan: FunctionPlan) => { readonly taskRoot: string; readonly nodePath: string };
  readonly remove: () => void;
}

const PROJECT_PACKAGES = join(dirname(fileURLToPath(import.meta.url)), '..', 'node_modules');
/** What Lambda's Node.js runtime brings along. */
const RUNTIME_SCOPES = ['@aws-sdk', '@smithy'];

export function createFunctionRuntime(): FunctionRuntime {
  const root = mkdtempSync(join(tmpdir(), 'winnow-local-'));
  mkdirSync(join(root, 'node_modules'));
  for (const scope of RUNTIME_SCOPES) {
    symlinkSync(join(PROJECT_PACKAGES, scope), join(root, 'node_modules', scope));
  }
  let installed = 0;
  const layers = new Map<string, string>();
  return {
    install: (plan) => {
      const taskRoot = join(root, 'tasks', `${plan.stage}-${installed++}`);
      cpSync(plan.directory, taskRoot, { recursive: true });
      const paths = plan.layerDirectories.map((directory) => {
        const path =
          layers.get(directory) ?? packagesOfLayer(directory, join(root, 'layers', String(layers.size)));
        layers.set(directory, path);
        return path;
      });
      return { taskRoot, nodePath: paths.join(':') };
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/**
 * The packages of a layer. Where the layer holds binaries for another machine (Lambda's), the same packages of this
 * project take their place: exactly those, by links in a folder of their own.
 */
function packagesOfLayer(layerDirectory: string, linkDirectory: string): string {
  const directory = join(layerDirectory, 'nodejs', 'node_modules');
  const names = packageNames(directory);
  if (names.every((name) => runsHere(join(directory, name)))) return directory;
  const links = join(linkDirectory, 'node_modules');
  for (const name of names) {
    const own = nameOnThisMachine(name);
    const target = join(PROJECT_PACKAGES, own);
    if (!existsSync(target)) {
      throw new Error(
        `Expected package ${own} in ${PROJECT_PACKAGES}: the layer ${layerDirectory} has ${name}`,
      );
    }
    mkdirSync(dirname(join(links, own)), { recursive: true });
    symlinkSync(target, join(links, own));
  }
  return links;
}

const packageNames = (directory: string): string[] =>
  readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap(({ name }) =>
      name.startsWith('@') ? readdirSync(join(directory, name)).map((inner) => `${name}/${inner}`) : [name],
    );

function runsHere(packageDirectory: string): boolean {
  const { os, cpu } = JSON.parse(readFileSync(join(packageDirectory, 'package.json'), 'utf8')) as {
    os?: string[];
    cpu?: string[];
  };
  return (!os || os.includes(process.platform)) && (!cpu || cpu.includes(process.arch));
}

/** Native packages carry the machine in their name, as `@img/sharp-linux-arm64`. */
const nameOnThisMachine = (name: string): string =>
  name.replace(/-(linux|darwin|win32)-(arm64|x64)$/, `-${process.platform}-${process.arch}`);
