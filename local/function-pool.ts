import type { ExecutionEnvironment, OnChunk, Outcome } from './execution-environment.ts';
import { createFunctionStatistics, type FunctionStatistics } from './function-statistics.ts';
import type { FunctionPlan } from './plan-types.ts';

/** An execution environment that is reserved for one invocation. It must be invoked or released. */
export interface Lease {
  readonly invoke: (event: unknown, onChunk?: OnChunk) => Promise<Outcome>;
  readonly release: () => void;
}

/** The execution environments of one function: each carries out one invocation at a time. */
export interface FunctionPool {
  readonly plan: FunctionPlan;
  /** Waits until one of the function's environments is free. */
  readonly lease: () => Promise<Lease>;
  /** Kills every process with SIGKILL. @returns how many there were */
  readonly kill: () => number;
  readonly running: () => number;
  readonly statistics: () => FunctionStatistics;
  readonly close: () => Promise<void>;
}

export function createFunctionPool(
  plan: FunctionPlan,
  environments: readonly ExecutionEnvironment[],
): FunctionPool {
  const statistics = createFunctionStatistics();
  const line = createWaitingLine(environments);
  let running = 0;
  const invoke = async (environment: ExecutionEnvironment, event: unknown, onChunk: OnChunk | undefined) => {
    running++;
    const started = performance.now();
    try {
      const { outcome, peakBytes } = await environment.invoke(event, onChunk);
      statistics.record(outcome.kind, performance.now() - started, peakBytes);
      return outcome;
    } finally {
      running--;
      line.giveBack(environment);
    }
  };
  return {
    plan,
    lease: async () => {
      const environment = await line.take();
      return {
        invoke: (event, onChunk) => invoke(environment, event, onChunk),
        release: () => line.giveBack(environment),
      };
    },
    kill: () => environments.filter((environment) => environment.kill()).length,
    running: () => running,
    statistics: statistics.read,
    close: async () => {
      await Promise.all(environments.map((environment) => environment.end()));
    },
  };
}

/** Hands out free environments, first come first served. */
function createWaitingLine(environments: readonly ExecutionEnvironment[]) {
  const free = [...environments];
  const waiting: ((environment: ExecutionEnvironment) => void)[] = [];
  return {
    take: async (): Promise<ExecutionEnvironment> =>
      free.shift() ?? (await new Promise<ExecutionEnvironment>((resolve) => waiting.push(resolve))),
    giveBack: (environment: ExecutionEnvironment): void => {
      const next = waiting.shift();
      if (next) next(environment);
      // One whose process lives is used first.
      else if (environment.hasProcess()) free.unshift(environment);
      else free.push(environment);
    },
  };
}
