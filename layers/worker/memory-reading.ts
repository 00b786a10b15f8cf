import type { MemoryReading } from '#contracts/run-plan';
import type { RunState } from '#contracts/run-states';

/** The memory of this process now. @param at ms */
export function memoryReading(at: number, state: RunState): MemoryReading {
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  return { at, state, resident: rss, heap: heapUsed + arrayBuffers };
}
