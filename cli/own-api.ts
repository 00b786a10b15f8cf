import { type ZodType, z } from 'zod';
import { parseWith } from '#contracts/schema';
import { ApiError, ConnectionError } from '../client/index.ts';
import type { Api } from './api-command.ts';

interface OwnRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/winnow/v1/`. */
  readonly path: string;
  readonly body?: unknown;
}

const errorAnswer = z.object({
  code: z.string().optional(),
  error: z.string().optional(),
  requestId: z.string().optional(),
});

/**
 * Asks for what is Winnow's own, and no operation of the protocol.
 * @throws ApiError, ConnectionError, InterruptedError
 */
export async function callOwnApi<Answer>(
  { connection, fetch, signal }: Pick<Api, 'connection' | 'fetch' | 'signal'>,
  { method, path, body }: OwnRequest,
  schema: ZodType<Answer>,
): Promise<Answer> {
  const what = `${method} ${path}`;
  const headers = { authorization: `Bearer ${connection.token}`, 'content-type': 'application/json' };
  const init = { method, headers, signal, ...(body !== undefined && { body: JSON.stringify(body) }) };
  try {
    const response = await fetch(`${connection.apiUrl}/winnow/v1/${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new ApiError(what, response.status, errorAnswerOf(text));
    return parseWith(schema, text === '' ? undefined : JSON.parse(text), `The answer to ${what}`);
  } catch (error) {
    signal.throwIfAborted();
    // What fetch itself says is only that it failed.
    if (!(error instanceof TypeError)) throw error;
    const reason = (error.cause as Error | undefined)?.message || error.message;
    throw new ConnectionError(`${what} could not be done: ${reason}`, { cause: error });
  }
}

/** A gateway before the API answers in its own way. */
function errorAnswerOf(text: string): z.infer<typeof errorAnswer> {
  try {
    return errorAnswer.parse(JSON.parse(text));
  } catch {
    return {};
  }
}
