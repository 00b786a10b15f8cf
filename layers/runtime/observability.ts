import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { Tracer } from '@aws-lambda-powertools/tracer';
import { METRICS_NAMESPACE, type Stage } from '#contracts/stages';
import type { Telemetry } from '#contracts/telemetry';

export interface Observability {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracer: Tracer;
  readonly telemetry: Telemetry;
}

const SERVICE = 'winnow';

const observabilities = new Map<Stage, Observability>();

/**
 * Logger, metrics and tracer of a stage. Metrics are in namespace `Winnow` with the one dimension `stage`; log
 * entries have the field `stage`. One set per stage and process: what a use case counts has to be in the very
 * object that the stage's wrapper publishes when the invocation ends.
 */
export function observe(stage: Stage): Observability {
  const known = observabilities.get(stage);
  if (known) return known;
  const logger = new Logger({ serviceName: SERVICE, persistentKeys: { stage } });
  const metrics = new Metrics({ namespace: METRICS_NAMESPACE, serviceName: SERVICE, logger });
  // Powertools adds a dimension of its own, `service`, which would be part of every alarm and graph.
  metrics.clearDefaultDimensions();
  metrics.setDefaultDimensions({ stage });
  // A run makes a request for each of its images: as many subsegments would be no trace any more.
  const tracer = new Tracer({ serviceName: SERVICE, captureHTTPsRequests: false });
  const observability = { logger, metrics, tracer, telemetry: telemetryOf(logger, metrics) };
  observabilities.set(stage, observability);
  return observability;
}

function telemetryOf(logger: Logger, metrics: Metrics): Telemetry {
  return {
    log: (level, message, fields = {}) => logger[level](message, { ...fields }),
    count: (metric, value) => {
      metrics.addMetric(metric, MetricUnit.Count, value);
    },
  };
}
