import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** A program of this project in a process of its own, as a user starts it. */
export interface Program {
  readonly child: ChildProcess;
  /** What it has printed until now, on both streams. */
  readonly output: () => string;
  /** `code` is null where a signal ended it. */
  readonly exited: Promise<{ code: number | null; output: string }>;
  /** It and every process that it started, and those started. */
  readonly processes: () => number[];
}

export interface ProgramOptions {
  readonly cwd?: string;
  /** Variables besides those of this process. */
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** @param file of the project, such as `cli/main.ts` */
export function startProgram(
  file: string,
  parameters: readonly string[],
  { cwd = PROJECT, env = {}, input = '' }: ProgramOptions = {},
): Program {
  const child = spawn(process.execPath, [PROJECT + file, ...parameters], {
    cwd,
    env: { ...process.env, ...env },
    stdio: 'pipe',
  });
  const started: Program = { child, ...observe(child) };
  running.push(started);
  child.stdin.on('error', () => undefined).end(input);
  return started;
}

export const runProgram = (...start: Parameters<typeof startProgram>): Program['exited'] =>
  startProgram(...start).exited;

const running: Program[] = [];
/** For `afterEach`: what a failed test left running. */
export function killPrograms(): void {
  for (const { child } of running.splice(0)) child.kill('SIGKILL');
}

function observe(child: ChildProcess): Omit<Program, 'child'> {
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  return {
    output: () => text,
    exited: once(child, 'close').then(([code]) => ({ code: code as number | null, output: text })),
    processes: () => withDescendants(child.pid ?? -1),
  };
}

/** Asks again until `ask` says so. @throws Error with the program's output where it does not in time */
export async function waitUntil(program: Program, ask: () => boolean, seconds = 40): Promise<void> {
  const end = Date.now() + seconds * 1000;
  while (!ask()) {
    if (Date.now() > end || program.child.exitCode !== null) {
      throw new Error(`Not so after ${seconds} seconds, or at the program's end:\n${program.output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export const isAlive = (pid: number): boolean => {
  const state = statusOf(pid)?.state;
  // A zombie has ended; that nobody has asked for its exit code is its parent's affair.
  return state !== undefined && state !== 'Z';
};

function withDescendants(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: statusOf(Number(name))?.parent }));
  const family = [pid];
  for (const member of family) {
    family.push(...parents.filter(({ parent }) => parent === member).map((child) => child.pid));
  }
  return family;
}

function statusOf(pid: number): { state: string; parent: number } | undefined {
  try {
    // After the name, which may hold anything in parentheses: state and parent.
    const [state = '', parent] =
      readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return { state, parent: Number(parent) };
  } catch {
    return undefined;
  }
}
