import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FunctionError, ProcessMessage } from './function-messages.ts';
import type { FunctionPlan } from './plan-types.ts';

const PROCESS_ENTRY = fileURLToPath(new URL('./function-process.ts', import.meta.url));

export type Outcome =
  | { readonly kind: 'success' /** JSON; absent where the answer was streamed. */; readonly payload?: string }
  /** `crashed`: the process ended before it answered, by a kill, a crash or the time limit. */
  | { readonly kind: 'error' | 'crashed'; readonly error: FunctionError };
export type OnChunk = (chunk: Uint8Array) => void;

/** A place for one process of a function. The process starts at the first invocation and is used again. */
export interface ExecutionEnvironment {
  /** One at a time. */
  readonly invoke: (event: unknown, onChunk?: OnChunk) => Promise<{ outcome: Outcome; peakBytes: number }>;
  readonly hasProcess: () => boolean;
  /** Kills the process with SIGKILL. @returns whether there was one */
  readonly kill: () => boolean;
  readonly end: () => Promise<void>;
}

export interface ExecutionEnvironmentOptions {
  readonly plan: FunctionPlan;
  /** The folder of the bundle. */
  readonly taskRoot: string;
  /** The whole environment of the process. */
  readonly variables: NodeJS.ProcessEnv;
  readonly onStart: (requestId: string) => void;
  readonly log: ((text: string) => void) | undefined;
}

type Settle = (message: ProcessMessage | { readonly type: 'exit'; readonly reason: string }) => void;
interface State {
  process: ChildProcess | undefined;
  /** Set while an invocation is under way. */
  settle: Settle | undefined;
}

export function createExecutionEnvironment(options: ExecutionEnvironmentOptions): ExecutionEnvironment {
  const state: State = { process: undefined, settle: undefined };
  return {
    invoke: (event, onChunk) => invoke(state, event, onChunk, options),
    hasProcess: () => state.process !== undefined,
    kill: () => kill(state),
    end: async () => {
      const child = state.process;
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function kill(state: State): boolean {
  const killed = state.process?.kill('SIGKILL') ?? false;
  // A process that is doing nothing is forgotten at once, so that no invocation is given to it while it dies.
  if (!state.settle) state.process = undefined;
  return killed;
}

function invoke(
  state: State,
  event: unknown,
  onChunk: OnChunk | undefined,
  options: ExecutionEnvironmentOptions,
): Promise<{ outcome: Outcome; peakBytes: number }> {
  const { timeoutSeconds, arn } = options.plan;
  const child = state.process ?? startProcess(state, options);
  const requestId = randomUUID();
  options.onStart(requestId);
  return new Promise((resolve) => {
    let crash = 'The process ended';
    const limit = setTimeout(() => {
      crash = `Task timed out after ${timeoutSeconds} seconds`;
      child.kill('SIGKILL');
    }, timeoutSeconds * 1000);
    state.settle = (message) => {
      if (message.type === 'chunk') return onChunk?.(message.chunk);
      const outcome = outcomeOf(message, crash);
      if (!outcome) return;
      clearTimeout(limit);
      state.settle = undefined;
      // Lambda starts a new environment after one that did not load.
      if (message.type === 'failed') kill(state);
      resolve({ outcome, peakBytes: message.type === 'done' ? message.peakBytes : 0 });
    };
    const deadline = Date.now() + timeoutSeconds * 1000;
    const streams = onChunk !== undefined;
    const invocation = {
      type: 'invoke',
      requestId,
      event: JSON.stringify(event),
      functionArn: arn,
      deadline,
      streams,
    };
    // A process that has just ended cannot be told anything; its exit follows and settles the invocation.
    child.send(invocation, () => undefined);
  });
}

/** Undefined for messages that do not end an invocation. */
function outcomeOf(message: Parameters<Settle>[0], crash: string): Outcome | undefined {
  switch (message.type) {
    case 'ready':
    case 'chunk':
      return undefined;
    case 'failed':
      return { kind: 'error', error: message.error };
    case 'exit':
      return {
        kind: 'crashed',
        error: { errorType: 'Runtime.ExitError', errorMessage: `${crash} (${message.reason})` },
      };
    case 'done': {
      const { payload, error } = message;
      if (error) return { kind: 'error', error };
      return { kind: 'success', ...(payload !== undefined && { payload }) };
    }
    default:
      return message satisfies never;
  }
}

function startProcess(state: State, options: ExecutionEnvironmentOptions): ChildProcess {
  const { plan, taskRoot, variables, log } = options;
  const output = log ? 'pipe' : 'ignore';
  const child = fork(PROCESS_ENTRY, [taskRoot, plan.handler], {
    serialization: 'advanced',
    // What was compiled is kept for the next process of this cloud.
    env: { ...variables, NODE_COMPILE_CACHE: join(dirname(taskRoot), 'compile-cache') },
    execArgv: [`--max-old-space-size=${plan.memoryMegabytes}`],
    stdio: ['ignore', output, output, 'ipc'],
  });
  state.process = child;
  child.on('message', (message: ProcessMessage) => {
    if (state.process === child) state.settle?.(message);
  });
  child.on('error', (error) => log?.(String(error)));
  child.on('exit', (code, signal) => {
    if (state.process !== child) return;
    state.process = undefined;
    state.settle?.({ type: 'exit', reason: signal ?? `exit code ${code}` });
  });
  if (log) {
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', forEachLine(log));
  }
  return child;
}

function forEachLine(log: (text: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) log(line);
  };
}
