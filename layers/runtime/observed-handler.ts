import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import type { Observability } from './observability.ts';

/**
 * The middy stack that every stage shares: request ids on each log entry, one trace segment, metrics published
 * when the invocation ends. Neither the event nor the response is logged or traced: both may hold tokens or URLs.
 */
export function observedHandler<Event, Result>(
  { logger, metrics, tracer }: Observability,
  handle: (event: Event, context: Context) => Promise<Result>,
): (event: Event, context: Context) => Promise<Result> {
  // Middy's own early time-out would throw away what a batch has finished.
  return middy<Event, Result>({ timeoutEarlyInMillis: 0 })
    .use(captureLambdaHandler(tracer, { captureResponse: false }))
    .use(injectLambdaContext(logger, { logEvent: false, resetKeys: true }))
    .use(logMetrics(metrics))
    .handler(handle);
}
