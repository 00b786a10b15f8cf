// Makes dist/, the package that is published: the client as one JavaScript file without dependencies, and its types.
// `node scripts/build-client.mjs [folder]` writes to another folder.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const project = join(dirname(fileURLToPath(import.meta.url)), '..');
const target = resolve(process.argv[2] ?? join(project, 'dist'));
const manifest = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
await build({
  entryPoints: [join(project, 'client', 'index.ts')],
  outfile: join(target, 'client', 'index.js'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  external: ['sharp'],
  logLevel: 'warning',
});
writeTypes(join(target, 'types'));
writeFileSync(join(target, 'package.json'), `${JSON.stringify(publishedManifest(), undefined, 2)}\n`);
copyFileSync(join(project, 'LICENSE'), join(target, 'LICENSE'));
copyFileSync(join(project, 'docs', 'client.md'), join(target, 'README.md'));

function writeTypes(folder) {
  const options = ['--declaration', '--emitDeclarationOnly', '--noEmit', 'false', '--rootDir', project];
  const compiler = join(project, 'node_modules', 'typescript', 'bin', 'tsc');
  const config = join(target, 'tsconfig.json');
  const extended = {
    extends: join(project, 'tsconfig.json'),
    compilerOptions: { typeRoots: [join(project, 'node_modules', '@types')] },
    files: [join(project, 'client', 'index.ts')],
    include: [],
  };
  writeFileSync(config, JSON.stringify(extended));
  const { status } = spawnSync(process.execPath, [compiler, '-p', config, ...options, '--outDir', folder], {
    stdio: 'inherit',
  });
  rmSync(config);
  if (status !== 0) process.exit(1);
  for (const name of readdirSync(folder, { recursive: true })) {
    if (name.endsWith('.d.ts')) forOthers(folder, join(folder, name));
  }
}

/** Names of files as they are in the package: the compiler leaves those of the project. */
function forOthers(folder, file) {
  const contracts = relative(dirname(file), join(folder, 'layers', 'contracts')).replaceAll('\\', '/');
  const text = readFileSync(file, 'utf8')
    .replaceAll(
      /(['"])#contracts\/([^'"]+)\1/g,
      `$1${contracts.startsWith('.') ? '' : './'}${contracts}/$2.js$1`,
    )
    .replaceAll(/(['"])(\.{1,2}\/[^'"]+)\.ts\1/g, '$1$2.js$1');
  writeFileSync(file, text);
}

function publishedManifest() {
  const { name, version, description, license, type, engines } = manifest;
  return {
    name,
    version,
    description: `${description} This package is the client of its API.`,
    license,
    type,
    engines,
    exports: { './client': { types: './types/client/index.d.ts', default: './client/index.js' } },
    sideEffects: false,
    // Only uploading a folder needs it.
    peerDependencies: { sharp: '>=0.33.0' },
    peerDependenciesMeta: { sharp: { optional: true } },
  };
}
