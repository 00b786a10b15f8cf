import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { captureLambdaHandler } from '@aws-lambda-powertools/tracer/middleware';
import middy, { type MiddyfiedHandler } from '@middy/core';
import { executionModeStreamifyResponse } from '@middy/core/StreamifyResponse';
import type { Context } from 'aws-lambda';
import type { Observability } from './observability.ts';

/** Middy's own early time-out would throw away what a batch has finished. */
const PLUGIN = { timeoutEarlyInMillis: 0 };

/** The handler of a stage with the middy stack that every stage shares. */
export function observedHandler<Event, Result>(
  observability: Observability,
  handle: (event: Event, context: Context) => Promise<Result>,
): (event: Event, context: Context) => Promise<Result> {
  return observed(middy<Event, Result>(PLUGIN), observability).handler(handle);
}

/**
 * As {@link observedHandler}, for a function whose answers are streamed. Lambda's runtime has to be there: it takes
 * the handler by a global of its own.
 */
export function observedStreamHandler<Event, Result>(
  observability: Observability,
  handle: (event: Event, context: Context) => Promise<Result>,
): unknown {
  const streaming = { ...PLUGIN, executionMode: executionModeStreamifyResponse };
  return observed(middy<Event, Result>(streaming), observability).handler(handle);
}

/**
 * Request ids on each log entry, one trace segment, metrics published when the invocation ends. Neither the event
 * nor the response is logged or traced: both may hold tokens or URLs.
 */
function observed<Event, Result>(
  handler: MiddyfiedHandler<Event, Result>,
  { logger, metrics, tracer }: Observability,
): MiddyfiedHandler<Event, Result> {
  handler.use(captureLambdaHandler(tracer, { captureResponse: false }));
  handler.use(injectLambdaContext(logger, { logEvent: false, resetKeys: true }));
  handler.use(logMetrics(metrics));
  return handler;
}
