import { ANONYMOUS } from '#contracts/access';
import {
  type OperationId,
  PROTOCOL_OPERATIONS,
  type ProtocolOperation,
} from '#contracts/protocol/operations';
import { type AuthenticationDeps, authenticate } from '#platform/access/authenticate';
import type { HttpRequest, HttpResponse } from '#runtime/http-stage';
import { answerWith } from './answer.ts';
import { type Admitted, type AuthorizationDeps, authorize } from './authorize.ts';
import { baseUrlOf } from './base-url.ts';
import type { Operations } from './operation.ts';
import { type Route, routerOf } from './router.ts';
import { validBody, validQuery } from './validate-request.ts';

export type Respond = (request: HttpRequest) => Promise<HttpResponse>;

/** Answers a request whose path has been matched. */
export type RespondOnRoute = (
  request: HttpRequest,
  parameters: Readonly<Record<string, string>>,
) => Promise<HttpResponse>;

export interface RespondDeps extends AuthenticationDeps, AuthorizationDeps {
  /** Every operation of the protocol. */
  readonly operations: Operations<OperationId>;
  /** Winnow's own resources, under `/winnow/v1/`. */
  readonly ownRoutes: readonly Route<RespondOnRoute>[];
  /** Lets a public token read the one object that it was made for. @throws UnauthorizedError */
  readonly checkPublicToken: (
    publicToken: string,
    parameters: Readonly<Record<string, string>>,
    query: URLSearchParams,
  ) => Promise<void>;
}

/** Answers every request that the API takes: finds the route, then who asks, what for, and whether they may. */
export function respondWith(deps: RespondDeps): Respond {
  const find = routerOf([
    ...Object.values(PROTOCOL_OPERATIONS).map((operation) => protocolRoute(operation, deps)),
    ...deps.ownRoutes,
  ]);
  return async (request) => {
    const { handler, parameters } = find(request.method, request.path);
    return handler(request, parameters);
  };
}

function protocolRoute(operation: ProtocolOperation, deps: RespondDeps): Route<RespondOnRoute> {
  const { id, method, path } = operation;
  // The compiler knows each operation by its own types; here they are all alike.
  const carryOut = deps.operations[id] as (request: unknown) => Promise<unknown>;
  const handler: RespondOnRoute = async (request, parameters) => {
    const admitted = await admit(operation, request, parameters, deps);
    const { caller } = admitted;
    const found = await authorize(operation, admitted, parameters, deps);
    const query = validQuery(id, request.query);
    const body = validBody(id, request.body);
    const { requestId, headers, domainName } = request;
    const baseUrl = baseUrlOf(headers, domainName);
    return answerWith(
      operation,
      await carryOut({ ...found, path: parameters, query, body, caller, requestId, baseUrl }),
    );
  };
  return { method, path, handler };
}

/** Who asks, as far as the operation wants to know. @throws UnauthorizedError */
async function admit(
  { security }: ProtocolOperation,
  { credentials, query }: HttpRequest,
  parameters: Readonly<Record<string, string>>,
  deps: RespondDeps,
): Promise<Admitted> {
  if (security === 'none') return { caller: ANONYMOUS, checked: 'none' };
  if (security === 'publicToken' && credentials.publicToken !== undefined) {
    await deps.checkPublicToken(credentials.publicToken, parameters, query);
    return { caller: ANONYMOUS, checked: 'publicToken' };
  }
  return { caller: await authenticate(credentials.token, deps), checked: 'token' };
}
