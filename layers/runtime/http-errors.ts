import {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  PayloadTooLargeError,
  RejectedError,
  RetryableError,
  UnauthorizedError,
} from '#contracts/errors';
import type { ApiErrorResponse } from '#contracts/protocol/types.gen';

export interface HttpError {
  readonly status: number;
  readonly body: ApiErrorResponse;
}

/** Status and code of what a caller brought about; an error that knows the protocol's own code has that one. */
const CALLER_ERRORS = [
  [InvalidInputError, 400, 'BAD_REQUEST'],
  [UnauthorizedError, 401, 'UNAUTHORIZED'],
  [ForbiddenError, 403, 'FORBIDDEN'],
  [NotFoundError, 404, 'NOT_FOUND'],
  [ConflictError, 409, 'CONFLICT'],
  [PayloadTooLargeError, 413, 'PAYLOAD_TOO_LARGE'],
] as const;

/**
 * The one place where an error becomes an HTTP status and a code of the protocol's `ApiErrorCode`. Of errors that
 * were not thrown on purpose, the caller learns the request id only: their messages may name resources.
 */
export function toHttpError(error: unknown, requestId: string): HttpError {
  const answer = (status: number, code: ApiErrorResponse['code'], message: string): HttpError => ({
    status,
    body: { code, error: message, requestId },
  });
  for (const [type, status, code] of CALLER_ERRORS) {
    if (error instanceof type) return answer(status, error.apiCode ?? code, error.message);
  }
  if (error instanceof RejectedError) return answer(400, 'BAD_REQUEST', error.message);
  // The protocol has no code for a fault of the server; this one says that the answer is not the promised one.
  if (error instanceof RetryableError) {
    return answer(503, 'MALFORMED_RESPONSE', 'The service is busy. Try again in a moment.');
  }
  return answer(500, 'MALFORMED_RESPONSE', 'The request failed. Its id finds the reason in the log.');
}
