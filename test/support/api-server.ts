import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { PROTOCOL_OPERATIONS } from '#contracts/protocol/operations';
import { type ApiWorld, checkedAnswer } from './api-world.ts';
import { functionUrlEvent, lambdaContext } from './lambda-invocation.ts';

/** The API of a world over HTTP on 127.0.0.1, as its Function URL answers. All answers are checked by the contract. */
export async function startApiServer(world: ApiWorld) {
  const failures: unknown[] = [];
  const server = createServer((request, response) => {
    respond(world, request, response).catch((error: unknown) => {
      failures.push(error);
      response.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      if (failures.length > 0) throw failures[0];
    },
  };
}

async function respond(world: ApiWorld, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '', 'http://localhost');
  const { authorization = '' } = request.headers;
  const method = request.method ?? 'GET';
  const body = await text(request);
  const event = functionUrlEvent(url.pathname, url.searchParams, {
    method,
    headers: { authorization },
    body,
  });
  const result = await world.answer(event, lambdaContext());
  const bytes = typeof result.body === 'string' ? Buffer.from(result.body) : await buffer(result.body);
  if (!url.pathname.startsWith(OWN_ROUTES)) {
    checkedAnswer(operationOf(method, url.pathname), result.statusCode, result.headers, bytes);
  }
  response.writeHead(result.statusCode, result.headers).end(bytes);
}

/** Winnow's own, of which the protocol's contract says nothing. */
const OWN_ROUTES = '/winnow/v1/';

const routes = Object.values(PROTOCOL_OPERATIONS)
  .map(({ id, method, path }) => ({
    id,
    method,
    pattern: new RegExp(`^${path.replace(/\{\w+\}/g, '([^/]+)')}$`),
  }))
  // Paths without a parameter go before those that would take anything in its place.
  .sort((one, other) => one.pattern.source.split('(').length - other.pattern.source.split('(').length);

function operationOf(method: string, path: string) {
  const route = routes.find((one) => one.method === method && one.pattern.test(path));
  if (route) return route.id;
  throw new Error(`The contract has no ${method} ${path}.`);
}
