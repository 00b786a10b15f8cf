import { availableParallelism, totalmem } from 'node:os';

const BYTES_PER_MEBIBYTE = 1024 * 1024;

/** Share of processors and memory that are in use, 0 to 100. */
export interface ProcessLoad {
  readonly cpu: number;
  readonly mem: number;
}

/**
 * Measures this process. `cpu` is processor time since the measurement before, as a share of what all processors of the
 * machine could give; `mem` is resident memory as a share of `memoryLimitBytes`. Both have one decimal.
 *
 * @param memoryLimitBytes @default the memory of the Lambda function, or else of the machine
 */
export function processLoad(
  memoryLimitBytes = memoryLimit(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE),
): () => ProcessLoad {
  const processors = availableParallelism();
  let before = { at: performance.now(), used: process.cpuUsage() };
  return () => {
    const at = performance.now();
    const { user, system } = process.cpuUsage(before.used);
    const possible = (at - before.at) * 1000 * processors;
    before = { at, used: process.cpuUsage() };
    return {
      cpu: asPercentage(possible > 0 ? (user + system) / possible : 0),
      mem: asPercentage(process.memoryUsage.rss() / memoryLimitBytes),
    };
  };
}

function memoryLimit(mebibytes: string | undefined): number {
  const given = Number(mebibytes);
  return given > 0 ? given * BYTES_PER_MEBIBYTE : totalmem();
}

const asPercentage = (share: number): number => Math.round(Math.min(1, Math.max(0, share)) * 1000) / 10;
