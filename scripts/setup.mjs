// Makes sure that node_modules is what package-lock.json says, so that every npm script works as the first command
// of a fresh clone. Plain JavaScript without dependencies: it runs before anything is installed, on Node 20 or newer.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(project, 'node_modules', '.installed-from');
const wanted = createHash('sha256')
  .update(readFileSync(join(project, 'package-lock.json')))
  .digest('hex');

if (installedFrom() !== wanted) {
  console.log('Installing packages (npm ci) ...');
  // Node 24 comes with the packages; warnings that the Node at hand is older than some of them want mean nothing.
  const options = {
    cwd: project,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  };
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], options);
  if (status !== 0) {
    console.error('npm ci failed; the message above says why. It needs access to the npm registry.');
    process.exit(status ?? 1);
  }
  writeFileSync(stamp, wanted);
}

function installedFrom() {
  try {
    return readFileSync(stamp, 'utf8');
  } catch {
    return undefined;
  }
}
