import { RetryableError } from '#contracts/errors';

/** What was asked of which bucket, table or queue. Never a signed URL. */
export interface ServiceRequest {
  readonly operation: string;
  readonly resource: string;
}

const DENIED = new Set(['AccessDenied', 'AccessDeniedException']);

/** An object in an archive storage class is refused with 403 too, and no grant helps. */
const REFUSED_FOR_ANOTHER_REASON = new Set(['InvalidObjectState']);

const PASSING = new Set([
  'BandwidthLimitExceeded',
  'ExpiredToken',
  'ExpiredTokenException',
  'OperationAborted',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestTimeout',
  'RequestTimeTooSkewed',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TimeoutError',
]);

const NETWORK = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

interface ServiceFailure {
  readonly name?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** The HTTP status of an error of the SDK; undefined where there was no answer. */
export const statusOf = (error: unknown): number | undefined =>
  (error as ServiceFailure | undefined)?.$metadata?.httpStatusCode;

/** The service's own name of an error, for example `NoSuchKey`. */
export const errorNameOf = (error: unknown): string | undefined =>
  (error as ServiceFailure | undefined)?.name;

/** No answer came. */
export const isNetworkFailure = (error: unknown): boolean =>
  NETWORK.has((error as ServiceFailure | undefined)?.code ?? '') || errorNameOf(error) === 'TimeoutError';

/** The service itself says that it passes, whatever the status of its answer. */
export const isPassing = (error: unknown): boolean =>
  statusOf(error) !== undefined && PASSING.has(errorNameOf(error) ?? '');

/**
 * Carries out a request.
 *
 * @throws RetryableError for what may pass: `ACCESS_DENIED` (a grant is missing or has not spread yet) and
 * `SERVICE_UNAVAILABLE` (5xx, throttling, timeouts, the network). Everything else is thrown as it came.
 */
export async function askService<T>(request: ServiceRequest, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw asRetryable(request, error) ?? error;
  }
}

function asRetryable({ operation, resource }: ServiceRequest, cause: unknown): RetryableError | undefined {
  const name = errorNameOf(cause) ?? '';
  if (DENIED.has(name) || (statusOf(cause) === 403 && !REFUSED_FOR_ANOTHER_REASON.has(name))) {
    return new RetryableError('ACCESS_DENIED', `${operation} on '${resource}' was denied.`, { cause });
  }
  if (!mayPass(cause, name)) return undefined;
  return new RetryableError('SERVICE_UNAVAILABLE', `${operation} on '${resource}' failed for now.`, {
    cause,
  });
}

function mayPass(cause: unknown, name: string): boolean {
  const status = statusOf(cause);
  if (status !== undefined && (status >= 500 || status === 429 || status === 408)) return true;
  return PASSING.has(name) || NETWORK.has((cause as ServiceFailure | undefined)?.code ?? '');
}
