import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect } from '@jest/globals';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import {
  type BodyOf,
  type JsonSchema,
  type OperationId,
  type PathOf,
  PROTOCOL_OPERATIONS,
  PROTOCOL_SCHEMAS,
  type ProtocolOperation,
  type QueryOf,
  type ResponseOf,
} from '#contracts/protocol/operations';

export const TOKEN = 'token-of-a-test';

/** A request that the contract allows. */
export interface ReceivedCall<Id extends OperationId = OperationId> {
  readonly id: Id;
  readonly path: PathOf<Id>;
  readonly query: QueryOf<Id>;
  readonly body: BodyOf<Id>;
}

/** Thrown by a handler: how the server refuses. `body` replaces the protocol's answer. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly body: string | undefined;

  constructor(status: number, code = 'BAD_REQUEST', body?: string) {
    super(`refused with ${status}`);
    this.status = status;
    this.code = code;
    this.body = body;
  }
}

type Handler<Id extends OperationId> = (call: ReceivedCall<Id>) => ResponseOf<Id> | Promise<ResponseOf<Id>>;
type Handlers = { [Id in OperationId]?: Handler<Id> };
/** Answers a request to the storage; falls through to the files where it returns false. */
type StorageHandler = (name: string, request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * An API and a storage on 127.0.0.1. A request that the contract does not allow is refused and noted, and so is one
 * that carries its token anywhere but in the header; an answer that is not the contract's fails.
 */
export async function startProtocolServer(handlers: Handlers = {}) {
  const known: Handlers = { ...handlers };
  const calls: ReceivedCall[] = [];
  const violations: string[] = [];
  const files = new Map<string, Buffer>();
  let storage: StorageHandler = () => false;

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '', 'http://localhost');
    const body = await buffer(request);
    if (url.pathname.startsWith('/storage/')) {
      const name = decodeURIComponent(url.pathname.slice('/storage/'.length));
      if (storage(name, request, response)) return;
      answerFromStorage(files, request.method, name, body, response);
      return;
    }
    try {
      const call = receivedCall(request, url, body);
      calls.push(call);
      const handler = known[call.id] as Handler<OperationId> | undefined;
      if (!handler) throw new Refusal(501, 'NOT_IMPLEMENTED');
      answer(response, PROTOCOL_OPERATIONS[call.id], await handler(call));
    } catch (error) {
      if (!(error instanceof Refusal)) violations.push((error as Error).message);
      refuse(response, error instanceof Refusal ? error : new Refusal(418));
    }
  };
  const server = createServer((request, response) => void respond(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    calls,
    files,
    /** Sets how operations are answered from now on. */
    on: (more: Handlers) => void Object.assign(known, more),
    onStorage: (handler: StorageHandler) => {
      storage = handler;
    },
    callsOf: <Id extends OperationId>(id: Id): ReceivedCall<Id>[] =>
      calls.filter((call) => call.id === id) as unknown as ReceivedCall<Id>[],
    /** A signed URL of a file, with a signature that nobody may see. */
    fileUrl: (name: string) => `${url}/storage/${encodeURIComponent(name)}?signature=secret`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      expect(violations).toEqual([]);
    },
  };
}
export type ProtocolServer = Awaited<ReturnType<typeof startProtocolServer>>;

function answerFromStorage(
  files: Map<string, Buffer>,
  method: string | undefined,
  name: string,
  body: Buffer,
  response: ServerResponse,
): void {
  if (method === 'PUT') files.set(name, body);
  const file = files.get(name);
  response.writeHead(file ? 200 : 404).end(method === 'PUT' ? '' : file);
}

function answer(
  response: ServerResponse,
  { id, answer: expected }: ProtocolOperation,
  result: unknown,
): void {
  const isJson = expected.contentType === 'application/json';
  if (isJson && expected.schema) check(`answer of ${id}`, expected.schema, result);
  const headers = expected.contentType ? { 'content-type': expected.contentType } : {};
  response.writeHead(expected.status, headers).end(isJson ? JSON.stringify(result) : result);
}

function refuse(response: ServerResponse, { status, code, message, body }: Refusal): void {
  const error = JSON.stringify({ code, error: message, requestId: 'request-of-a-test' });
  response.writeHead(status, { 'content-type': 'application/json' }).end(body ?? error);
}

function receivedCall(request: IncomingMessage, url: URL, body: Buffer): ReceivedCall {
  const found = routes.find(({ method, pattern }) => method === request.method && pattern.test(url.pathname));
  if (!found) throw new Error(`The contract has no ${request.method} ${url.pathname}`);
  if (request.headers.authorization !== `Bearer ${TOKEN}`) throw new Refusal(401, 'UNAUTHORIZED');
  const { operation, pattern } = found;
  const groups = Object.entries(pattern.exec(url.pathname)?.groups ?? {});
  const path = Object.fromEntries(groups.map(([name, value]) => [name, decodeURIComponent(value)]));
  const query = queryOf(url.searchParams);
  check(`path of ${operation.id}`, operation.pathSchema, path, texts);
  check(`query of ${operation.id}`, operation.querySchema, query, texts);
  const given: unknown = body.length > 0 ? JSON.parse(body.toString()) : undefined;
  if (operation.bodySchema) check(`body of ${operation.id}`, operation.bodySchema, given);
  else if (given !== undefined) throw new Error(`${operation.id} has no body`);
  return { id: operation.id, path, query, body: given } as ReceivedCall;
}

const queryOf = (search: URLSearchParams): Record<string, unknown> =>
  Object.fromEntries(
    [...new Set(search.keys())].map((name) => {
      const values = search.getAll(name);
      return [name, values.length > 1 ? values : values[0]];
    }),
  );

/** Paths without a parameter go before those that would take anything in its place. */
const routes = Object.values(PROTOCOL_OPERATIONS)
  .map((operation) => ({
    operation,
    method: operation.method,
    pattern: new RegExp(`^${operation.path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
  }))
  .sort((one, other) => countOfParameters(one.operation) - countOfParameters(other.operation));

function countOfParameters({ path }: ProtocolOperation): number {
  return path.split('{').length;
}

const options = { strict: false, discriminator: true } as const;
const withContract = (ajv: Ajv2020): Ajv2020 =>
  ajv.addSchema({ $id: 'contract', components: { schemas: PROTOCOL_SCHEMAS } });
const bodies = withContract(new Ajv2020(options));
/** What comes in a URL is text. */
const texts = withContract(new Ajv2020({ ...options, coerceTypes: 'array' }));
const validators = new Map<string, ValidateFunction>();

function check(what: string, schema: JsonSchema, value: unknown, ajv = bodies): void {
  let validate = validators.get(what);
  if (!validate) {
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"contract#/components/');
    validate = ajv.compile(JSON.parse(text));
    validators.set(what, validate);
  }
  if (!validate(value)) throw new Error(`${what}: ${ajv.errorsText(validate.errors)}`);
}
