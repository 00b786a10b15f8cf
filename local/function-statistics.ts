/** Of one function since the start. */
export interface FunctionStatistics {
  readonly invocations: number;
  /** Invocations that the function ended with an error. */
  readonly errors: number;
  /** Invocations whose process ended before it answered: killed, crashed or out of time. */
  readonly killed: number;
  /** The highest resident memory of any of its processes. */
  readonly peakRssBytes: number;
  /** Of all invocations together, including the start of processes. */
  readonly totalDurationMs: number;
}

export interface StatisticsRecorder {
  readonly record: (outcome: 'success' | 'error' | 'crashed', durationMs: number, peakBytes: number) => void;
  readonly read: () => FunctionStatistics;
}

export function createFunctionStatistics(): StatisticsRecorder {
  let statistics: FunctionStatistics = {
    invocations: 0,
    errors: 0,
    killed: 0,
    peakRssBytes: 0,
    totalDurationMs: 0,
  };
  return {
    record: (outcome, durationMs, peakBytes) => {
      statistics = {
        invocations: statistics.invocations + 1,
        errors: statistics.errors + (outcome === 'error' ? 1 : 0),
        killed: statistics.killed + (outcome === 'crashed' ? 1 : 0),
        peakRssBytes: Math.max(statistics.peakRssBytes, peakBytes),
        totalDurationMs: statistics.totalDurationMs + durationMs,
      };
    },
    read: () => statistics,
  };
}
