type Step = 'boot' | 'upload' | 'ingest' | 'schedule' | 'run' | 'export';
export type StepSeconds = Readonly<Record<Step | 'total', number>>;

export interface Stopwatch {
  lap(step: Step): void;
  seconds(): StepSeconds;
}

/** Seconds between laps, to a hundredth; `total` is since the start. */
export function startStopwatch(): Stopwatch {
  const begin = performance.now();
  let lapBegin = begin;
  const laps = { boot: 0, upload: 0, ingest: 0, schedule: 0, run: 0, export: 0 };
  const since = (from: number) => Math.round((performance.now() - from) / 10) / 100;
  return {
    lap: (step) => {
      laps[step] = since(lapBegin);
      lapBegin = performance.now();
    },
    seconds: () => ({ ...laps, total: since(begin) }),
  };
}
