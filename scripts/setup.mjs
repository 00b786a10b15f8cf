// Makes sure that node_modules is what package-lock.json says and that what is made of the protocol's contract is there, so
// that every npm script works as the first command of a fresh clone. Plain JavaScript without dependencies: it runs before
// anything is installed, on Node 20 or newer.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = join(dirname(fileURLToPath(import.meta.url)), '..');
const binaries = join(project, 'node_modules', '.bin');

if (!isInstalled()) {
  console.log('Installing the packages of package-lock.json (npm ci), which takes about a minute ...');
  const { status, error } = spawnSync(
    'npm',
    // Node 24 comes with the packages: warnings that the Node at hand is too old for some of them mean nothing.
    ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd: project,
      stdio: ['ignore', 'ignore', 'inherit'],
      // Else older versions of npm let the ONNX runtime fetch libraries for graphics cards, from elsewhere than the registry.
      env: { ...process.env, PATH: pathWithoutBinaries(), ONNXRUNTIME_NODE_INSTALL: 'skip' },
      shell: process.platform === 'win32',
    },
  );
  if (status !== 0) {
    console.error(`npm ci failed: ${error?.message ?? 'see above'}. It needs access to the npm registry.`);
    process.exit(1);
  }
}

await import('./protocol-types.mjs');
await import('./client-contract.mjs');

/** Compares with the list that npm leaves in node_modules at the end of an installation that was not interrupted. */
function isInstalled() {
  if (!existsSync(join(binaries, 'node'))) return false;
  const wanted = packagesOf('package-lock.json');
  const installed = packagesOf(join('node_modules', '.package-lock.json'));
  return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
    // The first is the project itself; optional ones are for other machines, or failed to install and may.
    if (path === '' || (!installed[path] && (optional || devOptional))) return true;
    return installed[path]?.version === version;
  });
}

function packagesOf(lockFile) {
  try {
    return JSON.parse(readFileSync(join(project, lockFile), 'utf8')).packages;
  } catch {
    return {};
  }
}

/** npm is about to remove them, and with them the Node that would run npm's own scripts. */
function pathWithoutBinaries() {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter((directory) => directory !== binaries)
    .join(delimiter);
}
