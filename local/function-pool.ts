import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { FunctionError, InvokeMessage, ProcessMessage } from './function-messages.ts';
import { createFunctionStatistics, type FunctionStatistics } from './function-statistics.ts';
import type { FunctionPlan } from './stack-plan.ts';

const PROCESS_ENTRY = fileURLToPath(new URL('./function-process.ts', import.meta.url));

export type Outcome =
  | { readonly kind: 'success' /** JSON; absent where the answer was streamed. */; readonly payload?: string }
  /** `crashed`: the process ended before it answered, by a kill, a crash or the time limit. */
  | { readonly kind: 'error' | 'crashed'; readonly error: FunctionError };

/** A process slot that is reserved for one invocation. It must be invoked or released. */
export interface Lease {
  readonly invoke: (event: unknown, onChunk?: (chunk: Uint8Array) => void) => Promise<Outcome>;
  readonly release: () => void;
}

/** The processes of one function: each carries out one invocation at a time and is used again. */
export interface FunctionPool {
  readonly plan: FunctionPlan;
  /** Waits until one of the function's slots is free. */
  readonly lease: () => Promise<Lease>;
  /** Kills every process with SIGKILL. @returns how many there were */
  readonly kill: () => number;
  readonly running: () => number;
  readonly statistics: () => FunctionStatistics;
  readonly close: () => Promise<void>;
}

export interface FunctionPoolOptions {
  readonly plan: FunctionPlan;
  readonly maximumProcesses: number;
  /** The folder of the bundle. */
  readonly taskRoot: string;
  /** The whole environment of the process in this slot. */
  readonly environment: (slot: number) => NodeJS.ProcessEnv;
  readonly onStart: (slot: number, requestId: string) => void;
  readonly log: ((text: string) => void) | undefined;
}

interface Slot {
  readonly number: number;
  process: ChildProcess | undefined;
  settle:
    | ((message: ProcessMessage | { readonly type: 'exit'; readonly reason: string }) => void)
    | undefined;
}

export function createFunctionPool(options: FunctionPoolOptions): FunctionPool {
  const { plan, maximumProcesses } = options;
  const statistics = createFunctionStatistics();
  const free: Slot[] = Array.from({ length: maximumProcesses }, (_, number) => ({
    number,
    process: undefined,
    settle: undefined,
  }));
  const slots = [...free];
  const waiting: ((slot: Slot) => void)[] = [];
  let running = 0;
  const giveBack = (slot: Slot) => {
    const next = waiting.shift();
    if (next) next(slot);
    // A slot whose process lives is used first.
    else if (slot.process) free.unshift(slot);
    else free.push(slot);
  };
  const invoke = async (slot: Slot, event: unknown, onChunk: ((chunk: Uint8Array) => void) | undefined) => {
    running++;
    const started = performance.now();
    try {
      const { outcome, peakBytes } = await runInvocation(slot, event, onChunk, options);
      statistics.record(outcome.kind, performance.now() - started, peakBytes);
      return outcome;
    } finally {
      running--;
      giveBack(slot);
    }
  };
  return {
    plan,
    lease: async () => {
      const slot = free.shift() ?? (await new Promise<Slot>((resolve) => waiting.push(resolve)));
      return { invoke: (event, onChunk) => invoke(slot, event, onChunk), release: () => giveBack(slot) };
    },
    kill: () => slots.filter(killProcess).length,
    running: () => running,
    statistics: statistics.read,
    close: async () => {
      await Promise.all(slots.map(endProcess));
    },
  };
}

function killProcess(slot: Slot): boolean {
  const killed = slot.process?.kill('SIGKILL') ?? false;
  // A process that is doing nothing is forgotten at once, so that no invocation is given to it while it dies.
  if (!slot.settle) slot.process = undefined;
  return killed;
}

async function endProcess({ process: child }: Slot): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

function runInvocation(
  slot: Slot,
  event: unknown,
  onChunk: ((chunk: Uint8Array) => void) | undefined,
  options: FunctionPoolOptions,
): Promise<{ outcome: Outcome; peakBytes: number }> {
  const { plan } = options;
  const child = slot.process ?? startProcess(slot, options);
  const requestId = randomUUID();
  options.onStart(slot.number, requestId);
  return new Promise((resolve) => {
    let crash = 'The process ended';
    const limit = setTimeout(() => {
      crash = `Task timed out after ${plan.timeoutSeconds} seconds`;
      child.kill('SIGKILL');
    }, plan.timeoutSeconds * 1000);
    const settle = (outcome: Outcome, peakBytes = 0) => {
      clearTimeout(limit);
      slot.settle = undefined;
      resolve({ outcome, peakBytes });
    };
    slot.settle = (message) => {
      switch (message.type) {
        case 'ready':
          return;
        case 'chunk':
          return onChunk?.(message.chunk);
        case 'failed':
          // Lambda starts a new environment for the next invocation.
          settle({ kind: 'error', error: message.error });
          return void killProcess(slot);
        case 'exit':
          return settle({
            kind: 'crashed',
            error: { errorType: 'Runtime.ExitError', errorMessage: `${crash} (${message.reason})` },
          });
        case 'done': {
          const { payload, error, peakBytes } = message;
          if (error) return settle({ kind: 'error', error }, peakBytes);
          return settle({ kind: 'success', ...(payload !== undefined && { payload }) }, peakBytes);
        }
        default:
          return message satisfies never;
      }
    };
    const deadline = Date.now() + plan.timeoutSeconds * 1000;
    send(child, {
      type: 'invoke',
      requestId,
      event: JSON.stringify(event),
      functionArn: plan.arn,
      deadline,
      streams: onChunk !== undefined,
    });
  });
}

/** A process that has just ended cannot be told anything; its exit follows and settles the invocation. */
function send(child: ChildProcess, message: InvokeMessage): void {
  child.send(message, () => undefined);
}

function startProcess(slot: Slot, { plan, taskRoot, environment, log }: FunctionPoolOptions): ChildProcess {
  const output = log ? 'pipe' : 'ignore';
  const child = fork(PROCESS_ENTRY, [taskRoot, plan.handler], {
    serialization: 'advanced',
    env: environment(slot.number),
    execArgv: [`--max-old-space-size=${plan.memoryMegabytes}`],
    stdio: ['ignore', output, output, 'ipc'],
  });
  slot.process = child;
  child.on('message', (message: ProcessMessage) => {
    if (slot.process === child) slot.settle?.(message);
  });
  child.on('error', (error) => log?.(String(error)));
  child.on('exit', (code, signal) => {
    if (slot.process !== child) return;
    slot.process = undefined;
    slot.settle?.({ type: 'exit', reason: signal ?? `exit code ${code}` });
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
