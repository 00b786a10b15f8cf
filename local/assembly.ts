import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';

const PROJECT = join(dirname(fileURLToPath(import.meta.url)), '..');
const ASSEMBLIES = join(PROJECT, '.winnow', 'assembly');
/** What a synthesized app follows from. */
export const ASSEMBLY_SOURCES = [
  'infra',
  'functions',
  'layers',
  'package-lock.json',
  'package.json',
  'cdk.json',
];
const KEPT_ASSEMBLIES = 3;
const LOCK_RETRY_MS = 100;

let current: Promise<string> | undefined;

/**
 * The synthesized CDK app of the sources as they are: synthesized once for each state of the sources, also where
 * several processes ask at the same time.
 * @returns the assembly's folder
 * @throws Error with the app's output where it does not synthesize
 */
export function ensureAssembly(): Promise<string> {
  // Callers in this process wait for each other here, those in others at the lock.
  const next = (current ?? Promise.resolve('')).catch(() => '').then(() => synthesizeIfNeeded());
  current = next;
  return next;
}

async function synthesizeIfNeeded(): Promise<string> {
  const assembly = join(ASSEMBLIES, hashOf(ASSEMBLY_SOURCES));
  if (existsSync(assembly)) return assembly;
  mkdirSync(ASSEMBLIES, { recursive: true });
  const unlock = await lock();
  try {
    if (!existsSync(assembly)) {
      const unfinished = `${assembly}.unfinished`;
      rmSync(unfinished, { recursive: true, force: true });
      await synthesize(unfinished);
      renameSync(unfinished, assembly);
      removeOldAssemblies(assembly);
    }
    return assembly;
  } finally {
    unlock();
  }
}

function hashOf(sources: readonly string[]): string {
  const hash = createHash('sha256');
  const add = (path: string) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) return;
    if (stats.isFile()) hash.update(path).update('\0').update(readFileSync(path)).update('\0');
    else for (const name of readdirSync(path).sort()) if (name !== 'node_modules') add(join(path, name));
  };
  for (const source of sources) add(join(PROJECT, source));
  return hash.digest('hex').slice(0, 16);
}

/** Held by an open transaction, which ends with the process, however it ends. */
async function lock(): Promise<() => void> {
  const database = new DatabaseSync(join(ASSEMBLIES, 'lock.db'));
  for (;;) {
    try {
      database.exec('BEGIN EXCLUSIVE');
      return () => database.close();
    } catch {
      await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY_MS));
    }
  }
}

/** As the CDK CLI does it, without its start-up time. */
async function synthesize(directory: string): Promise<void> {
  const cdkFile = join(PROJECT, 'cdk.json');
  const { context = {} } = existsSync(cdkFile)
    ? (JSON.parse(readFileSync(cdkFile, 'utf8')) as { context?: object })
    : {};
  const app = spawn(process.execPath, [join('infra', 'app.ts')], {
    cwd: PROJECT,
    env: { ...process.env, CDK_OUTDIR: directory, CDK_CONTEXT_JSON: JSON.stringify(context) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const endWithThisProcess = () => app.kill();
  process.once('exit', endWithThisProcess);
  const output: string[] = [];
  for (const stream of [app.stdout, app.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => output.push(text));
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    app.once('error', reject);
    app.once('close', resolve);
  }).finally(() => process.off('exit', endWithThisProcess));
  if (code !== 0) throw new Error(`The CDK app did not synthesize (exit code ${code}):\n${output.join('')}`);
}

function removeOldAssemblies(newest: string): void {
  const others = readdirSync(ASSEMBLIES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(ASSEMBLIES, name))
    .filter((path) => path !== newest)
    .sort((left, right) => statSync(right).mtimeMs - statSync(left).mtimeMs);
  for (const path of others.slice(KEPT_ASSEMBLIES - 1)) rmSync(path, { recursive: true, force: true });
}
