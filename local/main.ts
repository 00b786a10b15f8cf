/** `npm run local`: the whole pipeline on this machine until Ctrl-C. */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ASSEMBLY_SOURCES, ensureAssembly } from './assembly.ts';
import { type LocalCloud, startLocalCloud } from './local-cloud.ts';
import {
  applyOtherAccounts,
  followOtherAccounts,
  readOtherAccounts,
  sendersAmong,
} from './other-accounts.ts';
import { openStateDirectory } from './state-directory.ts';
import { describeConnection } from './usage-text.ts';
import { watchSources } from './watch-sources.ts';

const PROJECT = fileURLToPath(new URL('..', import.meta.url));
const HELP = `Runs the pipeline of this project on this machine: no Docker, no AWS account.

Usage: npm run local -- [options]

  --reset            start from nothing: forget objects, messages, items and keys
  --ready-file FILE  write addresses and keys to FILE as JSON once everything is up
  --accounts FILE    buckets and roles of other accounts, to connect: docs/datasources.md
  --watch            synthesize again and swap the functions when their sources change
  --logs             print what the functions print
  --state DIR        where state is kept (default .winnow/local)
  --assembly DIR     a synthesized CDK app (default: synthesizes this project's)
  --help             print this text
`;

interface Options {
  readonly reset: boolean;
  readonly watch: boolean;
  readonly logs: boolean;
  readonly state: string;
  readonly assembly: string | undefined;
  readonly readyFile: string | undefined;
  readonly accounts: string | undefined;
}

/** @returns undefined where only the help was asked for. @throws TypeError for options that do not exist */
function readOptions(): Options | undefined {
  const flag = { type: 'boolean', default: false } as const;
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      reset: flag,
      watch: flag,
      logs: flag,
      help: flag,
      state: text,
      assembly: text,
      'ready-file': text,
      accounts: text,
    },
  });
  if (values.help) return undefined;
  return {
    reset: values.reset,
    watch: values.watch,
    logs: values.logs,
    state: resolve(values.state ?? join(PROJECT, '.winnow', 'local')),
    assembly: values.assembly && resolve(values.assembly),
    readyFile: values['ready-file'] && resolve(values['ready-file']),
    accounts: values.accounts && resolve(values.accounts),
  };
}

async function run(options: Options): Promise<void> {
  const { readyFile, accounts } = options;
  if (readyFile) rmSync(readyFile, { force: true });
  if (options.reset) resetState(options.state);
  const ended = endRequested();
  const running = { cloud: await start(options) };
  const stopFollowing = accounts ? followOtherAccounts(accounts, running, console.log) : undefined;
  let stopWatching: (() => Promise<void>) | undefined;
  try {
    console.log(describeConnection(running.cloud, 'Ctrl-C ends it; the state stays.'));
    if (readyFile) writeReadyFile(readyFile, running.cloud);
    if (options.watch) stopWatching = swapAtChanges(options, running);
    await ended;
    console.log('\nEnding …');
  } finally {
    stopFollowing?.();
    await stopWatching?.();
    await running.cloud.close();
    if (readyFile) rmSync(readyFile, { force: true });
  }
}

function swapAtChanges(options: Options, running: { cloud: LocalCloud }): () => Promise<void> {
  const sources = ASSEMBLY_SOURCES.map((source) => join(PROJECT, source));
  return watchSources(sources, async () => {
    const assembly = await ensureAssembly();
    await running.cloud.close();
    running.cloud = await start({ ...options, assembly });
    console.log('Swapped the functions for the new ones.');
  });
}

async function start({ assembly, state, logs, accounts }: Options): Promise<LocalCloud> {
  const others = accounts ? readOtherAccounts(accounts) : undefined;
  const cloud = await startLocalCloud({
    assembly: assembly ?? (await ensureAssembly()),
    stateDirectory: state,
    ...(others && { eventSenders: sendersAmong(others) }),
    ...(logs
      ? { log: ({ stage, text }) => console.log(`${stage.padEnd(9)} ${text}`) }
      : { notice: (text) => console.log(text) }),
  });
  if (others) applyOtherAccounts(cloud, others);
  return cloud;
}

/** Removes what a local cloud wrote, and only where there is one and none is running. */
function resetState(directory: string): void {
  if (!existsSync(directory)) return;
  const state = openStateDirectory(directory);
  state.clear();
  state.release();
}

/** Readers never see half a file. */
function writeReadyFile(file: string, { connection }: LocalCloud): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(connection, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The first Ctrl-C ends cleanly; a second one, meanwhile, at once. */
const endRequested = (): Promise<void> =>
  new Promise((resolveEnd) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolveEnd());
  });

try {
  const options = readOptions();
  if (options) await run(options);
  else console.log(HELP);
} catch (error) {
  const unknownOption =
    error instanceof TypeError && Reflect.get(error, 'code')?.startsWith('ERR_PARSE_ARGS');
  console.error(error instanceof Error ? error.message : String(error));
  if (unknownOption) console.error(`\n${HELP}`);
  process.exitCode = unknownOption ? 2 : 1;
}
