import { type AnswerKind, OPERATIONS } from './contract.gen.ts';
import { ApiError, ConnectionError, DatasetNotFoundError, type ErrorAnswer } from './errors.ts';
import type { ClientSettings } from './options.ts';
import type { OperationId, RequestOf, ResponseOf } from './protocol.ts';
import { retry } from './retry.ts';

/** Whatever can take long can be ended. */
export interface Abortable {
  readonly signal?: AbortSignal | undefined;
}

export interface CallOptions extends Abortable {
  /** Whether the call is repeated when it fails in a way that may pass. @default false */
  readonly repeated?: boolean;
}

/** Calls any operation of the contract. */
export type Call = <Id extends OperationId>(
  id: Id,
  request: RequestOf<Id>,
  options?: CallOptions,
) => Promise<ResponseOf<Id>>;

/** What is asked for that is Winnow's own, and no operation of the protocol. */
export interface OwnRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Below `/winnow/v1/`. */
  readonly path: string;
  readonly body?: unknown;
}

/** Throws what {@link Call} does. */
export type CallOwn = <Answer>(request: OwnRequest, options?: CallOptions) => Promise<Answer>;

interface UntypedRequest {
  readonly path?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** The API over HTTP. Calls throw ApiError, ConnectionError and, where they are repeated, MaxRetryError. */
export function httpCall(settings: ClientSettings): Call {
  return async <Id extends OperationId>(id: Id, request: RequestOf<Id>, options: CallOptions = {}) => {
    const [method, path, answerKind] = OPERATIONS[id];
    const answer = ask(settings, [id, method, path, answerKind], request as UntypedRequest, options);
    return (await answer) as ResponseOf<Id>;
  };
}

export function httpCallOwn(settings: ClientSettings): CallOwn {
  return async <Answer>({ method, path, body }: OwnRequest, options: CallOptions = {}) => {
    const operation = [`${method} ${path}`, method, `/winnow/v1/${path}`, 'json'] as const;
    return (await ask(settings, operation, { body }, options)) as Answer;
  };
}

type Operation = readonly [what: string, method: string, path: string, answerKind: AnswerKind];

async function ask(
  settings: ClientSettings,
  operation: Operation,
  request: UntypedRequest,
  { signal: ofCall, repeated }: CallOptions,
): Promise<unknown> {
  const signal = anySignal(settings.signal, ofCall);
  const attempt = () => send(settings, operation, request, signal);
  return repeated ? retry(attempt, settings.retry, settings.sleep, signal) : attempt();
}

async function send(
  settings: ClientSettings,
  [id, method, path, answerKind]: Operation,
  request: UntypedRequest,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const timeout = AbortSignal.timeout(settings.requestTimeout);
  const headers = { authorization: `Bearer ${settings.token}`, 'user-agent': 'winnow-client' };
  const init: RequestInit = { method, headers, signal: anySignal(signal, timeout) ?? timeout };
  if (request.body !== undefined) {
    init.headers = { ...headers, 'content-type': 'application/json' };
    init.body = JSON.stringify(request.body);
  }
  try {
    const response = await settings.fetch(settings.serverLocation + pathOf(path, request), init);
    if (!response.ok) throw await errorOf(id, response);
    return await bodyOf(response, answerKind);
  } catch (error) {
    throw connectionErrorOf(error, id, signal);
  }
}

function pathOf(path: string, { path: values = {}, query = {} }: UntypedRequest): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(values[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== undefined) search.append(name, String(each));
    }
  }
  return search.size > 0 ? `${filled}?${search}` : filled;
}

async function bodyOf(response: Response, kind: AnswerKind): Promise<unknown> {
  switch (kind) {
    case 'json':
      return response.json();
    case 'text':
      return response.text();
    case 'binary':
      return Buffer.from(await response.arrayBuffer()).toString('latin1');
    case 'none':
      await response.body?.cancel();
      return undefined;
    default:
      return kind satisfies never;
  }
}

async function errorOf(id: string, response: Response): Promise<ApiError> {
  const text = await response.text();
  const answer = errorAnswerOf(text);
  if (answer.code === 'DATASET_UNKNOWN') return new DatasetNotFoundError(id, response.status, answer);
  return new ApiError(id, response.status, answer);
}

/** A gateway before the API answers in its own way. */
function errorAnswerOf(text: string): ErrorAnswer {
  try {
    const { code, error, requestId } = JSON.parse(text) as Record<string, unknown>;
    return { code: textOf(code), error: textOf(error), requestId: textOf(requestId) };
  } catch {
    return {};
  }
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** Any error of a request as one of the client's own; that of an aborted request is the reason it was aborted for. */
export function connectionErrorOf(error: unknown, what: string, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof ApiError) return error;
  const { name, message, cause } = error as Error & { readonly cause?: Error };
  if (name === 'TimeoutError') return new ConnectionError(`${what} took too long.`, { cause: error });
  // What fetch itself says is only that it failed.
  return new ConnectionError(`${what} could not be done: ${cause?.message || message}`, { cause: error });
}

/** Aborted when one of them is. */
export function anySignal(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const given = signals.filter((signal) => signal !== undefined);
  return given.length > 1 ? AbortSignal.any(given) : given[0];
}
