import { Readable } from 'node:stream';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { TOKEN_PREFIX } from '#contracts/access';
import { PayloadTooLargeError } from '#contracts/errors';
import type { Stage } from '#contracts/stages';
import { toHttpError } from './http-errors.ts';
import { observe } from './observability.ts';
import { observedStreamHandler } from './observed-handler.ts';
import { countOutcome } from './outcomes.ts';

/** What a caller proves who it is with. Never logged. */
export interface Credentials {
  /** Of `Authorization: Bearer …` or the query parameter `token`. */
  readonly token?: string;
  /** Of the query parameter `publicToken`: reads one object. */
  readonly publicToken?: string;
}

/** What a route is given. The query has no credentials in it. */
export interface HttpRequest {
  readonly method: string;
  /** Not decoded. Slashes are single: a client that appends `/v1/…` to the URL of the stack's output sends two. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The function URL's own, without port. */
  readonly domainName: string;
  readonly credentials: Credentials;
  /** Empty where there is none. */
  readonly body: string;
  readonly requestId: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream is sent as it comes and may have any size; its first bytes are there before the status is sent. */
  readonly body: string | Readable;
}

export const jsonResponse = (status: number, body: unknown): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/** What is handed to Lambda's response stream: everything but the body becomes the head of the answer. */
export interface StreamedResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Readable;
}
export type HttpHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<StreamedResult>;

const REQUEST_OUTCOMES = ['RequestsSucceeded', 'RequestsRefused', 'RequestsFailed'] as const;
/** What Lambda itself takes; said here too, so that the answer is one of the protocol's. */
const MOST_BODY_BYTES = 6 * 1024 * 1024;

/**
 * Answers the requests of a stage behind a Function URL (payload format 2.0). What `respond` throws becomes an
 * `ApiErrorResponse`. Logs method, path and status of a request and nothing else of it.
 */
export function answerRequests(
  stage: Stage,
  respond: (request: HttpRequest) => Promise<HttpResponse>,
): HttpHandler {
  const { logger, telemetry } = observe(stage);
  return async (event) => {
    const { requestId } = event.requestContext;
    const path = event.rawPath.replace(/\/{2,}/g, '/');
    const answer = async () => respond(toRequest(event, path));
    const { status, headers, body } = await answer().catch((error: unknown) => {
      const { status, body } = toHttpError(error, requestId);
      if (status >= 500) logger.error('Request failed', { requestId, error });
      else logger.info('Request refused', { requestId, code: body.code, reason: withoutTokens(body.error) });
      return jsonResponse(status, body);
    });
    const { method } = event.requestContext.http;
    logger.info('Request answered', { requestId, method, path: withoutTokens(path), status });
    countOutcome(telemetry, REQUEST_OUTCOMES, outcomeOf(status));
    if (body instanceof Readable) {
      body.once('error', (error) => logger.error('Answer cut short', { requestId, error }));
    }
    return { statusCode: status, headers: { ...headers, 'x-request-id': requestId }, body };
  };
}

/** Somebody may take a token for the id of something, and send it in the path. */
const withoutTokens = (text: string): string =>
  text.replaceAll(new RegExp(`${TOKEN_PREFIX}[\\w-]+`, 'g'), `${TOKEN_PREFIX}…`);

/** {@link answerRequests} as the Lambda handler of a Function URL that streams its answers. */
export const httpStage = (stage: Stage, respond: (request: HttpRequest) => Promise<HttpResponse>) =>
  observedStreamHandler(observe(stage), answerRequests(stage, respond));

const outcomeOf = (status: number): (typeof REQUEST_OUTCOMES)[number] =>
  status >= 500 ? 'RequestsFailed' : status >= 400 ? 'RequestsRefused' : 'RequestsSucceeded';

function toRequest(event: APIGatewayProxyEventV2, path: string): HttpRequest {
  const { requestContext, rawQueryString, headers, body = '', isBase64Encoded } = event;
  if (Buffer.byteLength(body) > MOST_BODY_BYTES) {
    throw new PayloadTooLargeError('The body of a request may have 6 MiB. Send less at a time.');
  }
  const query = new URLSearchParams(rawQueryString);
  const credentials = takeCredentials(query, headers.authorization);
  return {
    method: requestContext.http.method,
    path,
    query,
    headers,
    domainName: requestContext.domainName,
    credentials,
    body: isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body,
    requestId: requestContext.requestId,
  };
}

const BEARER = /^Bearer +(\S+)$/i;

/** Takes the credentials out of the query, so that nobody who handles or logs it has them. */
function takeCredentials(query: URLSearchParams, authorization = ''): Credentials {
  const token = BEARER.exec(authorization)?.[1] ?? query.get('token') ?? undefined;
  const publicToken = query.get('publicToken') ?? undefined;
  query.delete('token');
  query.delete('publicToken');
  return { ...(token && { token }), ...(publicToken && { publicToken }) };
}
