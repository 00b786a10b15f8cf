import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { AccessError } from './access-error.ts';
import type { FunctionPool } from './function-pool.ts';
import type { Gate } from './gate.ts';
import { closeServer, listen, readBody } from './http-server.ts';
import type { FunctionUrlPlan } from './plan-types.ts';

export interface FunctionUrlParts {
  readonly pool: () => FunctionPool | undefined;
  readonly plan: () => FunctionUrlPlan | undefined;
  readonly gate: Gate;
  readonly now: () => number;
}

interface HttpResponse {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

const STREAM_PRELUDE_END = Buffer.alloc(8);

/** A Lambda function URL on 127.0.0.1, payload format 2.0, buffered or streaming as the template says. */
export async function startFunctionUrl(
  parts: FunctionUrlParts,
  port: number,
): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    answer(request, response, parts).catch((error: unknown) => {
      const status = error instanceof AccessError ? error.status : 502;
      if (response.headersSent) response.destroy();
      else sendJson(response, status, { Message: status === 502 ? 'Internal Server Error' : 'Forbidden' });
    });
  });
  return { port: await listen(server, port), close: () => closeServer(server) };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { pool, plan, gate, now }: FunctionUrlParts,
): Promise<void> {
  const functionPool = pool();
  const urlPlan = plan();
  if (!functionPool || !urlPlan) return sendJson(response, 503, { Message: 'The local cloud is starting' });
  const body = await readBody(request);
  if (urlPlan.signed) {
    const { method = 'GET', url = '/', headers } = request;
    gate.authenticate({ method, url, headers, bodyDigest: () => 'UNSIGNED-PAYLOAD' });
  }
  const lease = await functionPool.lease();
  const event = toEvent(request, body, now());
  if (urlPlan.streams) {
    const stream = createStreamedResponse(response);
    const outcome = await lease.invoke(event, stream.write);
    if (outcome.kind === 'success') return stream.end(outcome.payload);
    return response.headersSent
      ? void response.destroy()
      : sendJson(response, 502, { Message: 'Internal Server Error' });
  }
  const outcome = await lease.invoke(event);
  if (outcome.kind !== 'success') return sendJson(response, 502, { Message: 'Internal Server Error' });
  sendResult(response, JSON.parse(outcome.payload ?? 'null'));
}

function toEvent(request: IncomingMessage, body: Buffer, now: number): unknown {
  const { url = '/', headers } = request;
  const mark = url.indexOf('?');
  const rawPath = decodePath(mark < 0 ? url : url.slice(0, mark));
  const rawQueryString = mark < 0 ? '' : url.slice(mark + 1);
  const { cookie, ...others } = headers;
  const query: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    query[name] = query[name] === undefined ? value : `${query[name]},${value}`;
  }
  const text = isText(headers['content-type']);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    ...(cookie !== undefined && { cookies: cookie.split('; ') }),
    headers: Object.fromEntries(
      Object.entries(others).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
    ),
    ...(rawQueryString !== '' && { queryStringParameters: query }),
    requestContext: requestContext(request, rawPath, now),
    ...(body.length > 0 && { body: text ? body.toString() : body.toString('base64') }),
    isBase64Encoded: body.length > 0 && !text,
  };
}

const requestContext = (
  { method, headers, httpVersion }: IncomingMessage,
  path: string,
  now: number,
): unknown => ({
  accountId: 'anonymous',
  apiId: 'local',
  domainName: String(headers.host ?? '127.0.0.1').split(':')[0],
  domainPrefix: 'local',
  http: {
    method,
    path,
    protocol: `HTTP/${httpVersion}`,
    sourceIp: '127.0.0.1',
    userAgent: headers['user-agent'] ?? '',
  },
  requestId: randomUUID(),
  routeKey: '$default',
  stage: '$default',
  time: new Date(now).toUTCString(),
  timeEpoch: now,
});

const isText = (contentType = ''): boolean =>
  /^(text\/|application\/(json|javascript|xml|x-www-form-urlencoded|[\w.-]+\+json))/.test(contentType);

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** A result with `statusCode` is an HTTP response; anything else is the body of a 200. */
function sendResult(response: ServerResponse, result: unknown): void {
  if (typeof result !== 'object' || result === null || !('statusCode' in result)) {
    const body = typeof result === 'string' ? result : JSON.stringify(result);
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    return;
  }
  const { body = '', isBase64Encoded = false } = result as HttpResponse;
  writeHead(response, result as HttpResponse);
  response.end(isBase64Encoded ? Buffer.from(body, 'base64') : body);
}

function writeHead(
  response: ServerResponse,
  { statusCode = 200, headers = {}, cookies }: HttpResponse,
): void {
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  response.writeHead(statusCode, {
    ...(!named && { 'content-type': 'application/json' }),
    ...headers,
    ...(cookies && { 'set-cookie': [...cookies] }),
  });
}

/** Splits the metadata, which `HttpResponseStream.from` writes first, from the body. */
function createStreamedResponse(response: ServerResponse) {
  let head = Buffer.alloc(0);
  const write = (chunk: Uint8Array) => {
    if (response.headersSent) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf(STREAM_PRELUDE_END);
    if (end < 0) return;
    writeHead(response, JSON.parse(head.toString('utf8', 0, end)) as HttpResponse);
    const body = head.subarray(end + STREAM_PRELUDE_END.length);
    if (body.length > 0) response.write(body);
  };
  const end = (payload: string | undefined) => {
    // A handler that does not stream answers a streaming URL with its whole result.
    if (payload !== undefined) return sendResult(response, JSON.parse(payload));
    if (!response.headersSent)
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).write(head);
    response.end();
  };
  return { write, end };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
