import { cpSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT_PACKAGES = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** Names of the packages in a `node_modules`. */
export const packagesIn = (directory: string): string[] =>
  readdirSync(directory)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(directory, name)).map((inner) => `${name}/${inner}`) : [name],
    );

/**
 * A layer's packages for this machine instead of Lambda's: copies, so that none of them finds anything beside it but
 * what the layer has too.
 * @returns the folder for NODE_PATH
 */
export function copyLayerForThisMachine(layerDirectory: string, target: string): string {
  const nodePath = join(target, 'node_modules');
  for (const name of packagesIn(join(layerDirectory, 'nodejs', 'node_modules'))) {
    // Native packages carry the machine in their name, as `@img/sharp-linux-arm64`.
    const own = name.replace('-linux-arm64', `-${process.platform}-${process.arch}`);
    mkdirSync(dirname(join(nodePath, own)), { recursive: true });
    cpSync(join(PROJECT_PACKAGES, own), join(nodePath, own), {
      ...{ recursive: true, dereference: true },
      filter: (path) => !isOfAnotherMachine(path),
    });
  }
  return nodePath;
}

/** One package may hold binaries of all machines: `bin/<version>/<system>/<processor>`. */
function isOfAnotherMachine(path: string): boolean {
  const [, system, processor] = /\/bin\/[^/]+\/(linux|darwin|win32)(?:\/([^/]+))?/.exec(path) ?? [];
  return (
    system !== undefined && (system !== process.platform || (processor ?? process.arch) !== process.arch)
  );
}

export const versionOf = (packageDirectory: string): string =>
  (JSON.parse(readFileSync(join(packageDirectory, 'package.json'), 'utf8')) as { version: string }).version;
