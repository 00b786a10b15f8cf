import {
  ConflictError,
  InvalidInputError,
  NotFoundError,
  RejectedError,
  RetryableError,
} from '#contracts/errors';

/** The body of an error, as the protocol's `ApiErrorResponse` has it. */
export interface ApiErrorResponse {
  readonly code: string;
  readonly error: string;
  readonly requestId: string;
}

export interface HttpError {
  readonly status: number;
  readonly body: ApiErrorResponse;
}

/**
 * The one place where an error becomes an HTTP status and a code of the protocol's `ApiErrorCode`. Of errors that
 * were not thrown on purpose, the caller learns the request id only: their messages may name resources.
 */
export function toHttpError(error: unknown, requestId: string): HttpError {
  const answer = (status: number, code: string, message: string): HttpError => ({
    status,
    body: { code, error: message, requestId },
  });
  if (error instanceof InvalidInputError) return answer(400, 'BAD_REQUEST', error.message);
  if (error instanceof RejectedError) return answer(400, 'BAD_REQUEST', error.message);
  if (error instanceof NotFoundError) return answer(404, 'NOT_FOUND', error.message);
  if (error instanceof ConflictError) return answer(409, 'CONFLICT', error.message);
  // The protocol has no code for a fault of the server; this one says that the answer is not the promised one.
  if (error instanceof RetryableError) {
    return answer(503, 'MALFORMED_RESPONSE', 'The service is busy. Try again in a moment.');
  }
  return answer(500, 'MALFORMED_RESPONSE', 'The request failed. Its id finds the reason in the log.');
}
