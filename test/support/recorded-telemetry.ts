import type { Telemetry } from '#contracts/telemetry';

/** Telemetry that keeps what it is told. */
export interface RecordedTelemetry extends Telemetry {
  readonly logged: { level: string; message: string; fields: Readonly<Record<string, unknown>> }[];
  /** Sum of everything that was counted under a name; undefined where nothing was, not even 0. */
  total(metric: string): number | undefined;
}

export function recordedTelemetry(): RecordedTelemetry {
  const totals = new Map<string, number>();
  const logged: RecordedTelemetry['logged'] = [];
  return {
    logged,
    total: (metric) => totals.get(metric),
    log: (level, message, fields = {}) => void logged.push({ level, message, fields }),
    count: (metric, value) => void totals.set(metric, (totals.get(metric) ?? 0) + value),
  };
}
