import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { Stage } from '#contracts/stages';
import { toHttpError } from './http-errors.ts';
import { observe } from './observability.ts';
import { observedHandler } from './observed-handler.ts';
import { countOutcome } from './outcomes.ts';

/** What a route is given. Has no query string as text: the protocol's `token` travels there. */
export interface HttpRequest {
  readonly method: string;
  /** Not decoded. Slashes are single: a client that appends `/v1/…` to the URL of the stack's output sends two. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly requestId: string;
}

export interface HttpResponse {
  readonly status: number;
  /** Anything that JSON can hold. */
  readonly body: unknown;
}

export type HttpHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

const REQUEST_OUTCOMES = ['RequestsSucceeded', 'RequestsRefused', 'RequestsFailed'] as const;

/**
 * The Lambda handler of a stage behind a Function URL (payload format 2.0). Answers JSON; what `respond` throws
 * becomes an `ApiErrorResponse`. Logs method, path and status of a request and nothing else of it.
 */
export function httpStage(
  stage: Stage,
  respond: (request: HttpRequest) => Promise<HttpResponse>,
): HttpHandler {
  const observability = observe(stage);
  return observedHandler(observability, async (event: APIGatewayProxyEventV2) => {
    const { logger, telemetry } = observability;
    const request = toRequest(event);
    const { status, body } = await respond(request).catch((error: unknown) => {
      const answer = toHttpError(error, request.requestId);
      if (answer.status >= 500) logger.error('Request failed', { error });
      return answer;
    });
    const { method, path } = request;
    logger.info('Request answered', { method, path, status });
    countOutcome(telemetry, REQUEST_OUTCOMES, outcomeOf(status));
    return {
      statusCode: status,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
  });
}

const outcomeOf = (status: number): (typeof REQUEST_OUTCOMES)[number] =>
  status >= 500 ? 'RequestsFailed' : status >= 400 ? 'RequestsRefused' : 'RequestsSucceeded';

function toRequest({
  requestContext,
  rawPath,
  queryStringParameters,
  headers,
}: APIGatewayProxyEventV2): HttpRequest {
  return {
    method: requestContext.http.method,
    path: rawPath.replace(/\/{2,}/g, '/'),
    query: queryStringParameters ?? {},
    headers,
    requestId: requestContext.requestId,
  };
}
