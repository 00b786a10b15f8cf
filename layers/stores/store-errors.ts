import {
  DatasourceError,
  type DatasourceProblemCode,
  RejectedError,
  RetryableError,
  WinnowError,
} from '#contracts/errors';

/** What was asked of a store, and on whose behalf. */
export interface StoreRequest {
  /** As the store's own permissions are called: `storage.objects.get`. */
  readonly action: string;
  /** URL of the container and folder. Never a signed one. */
  readonly resource: string;
  /** Whose credentials they are, for people. */
  readonly holder: string;
}

/** What an answer says, in words that all stores have. */
export type StoreFailure =
  | 'absent'
  | 'no container'
  | 'credentials'
  | 'denied'
  | 'archived'
  | 'unknown host'
  | 'refused'
  | 'passes';

/** The HTTP status in an error of a store's client; undefined where there was no answer. */
export function statusInError(error: unknown): number | undefined {
  const { statusCode, status, code } = (error ?? {}) as Readonly<Record<string, unknown>>;
  return [statusCode, status, code].map(Number).find((value) => value >= 100 && value < 600);
}

/** Answers that are the same everywhere. @param status of HTTP; undefined where there was none */
export function failureOfStatus(status: number | undefined): StoreFailure | undefined {
  if (status === undefined) return undefined;
  if (status === 401) return 'credentials';
  if (status === 403) return 'denied';
  if (status === 404 || status === 410 || status === 412) return 'absent';
  if (status === 408 || status === 429 || status >= 500) return 'passes';
  return status >= 400 ? 'refused' : undefined;
}

/** What became of a connection. */
export function failureOfNetwork(error: unknown): StoreFailure | undefined {
  const { code, cause } = (error ?? {}) as { readonly code?: unknown; readonly cause?: unknown };
  if (code === 'ENOTFOUND') return 'unknown host';
  if (cause !== undefined && cause !== error) return failureOfNetwork(cause);
  return typeof code === 'string' ? 'passes' : undefined;
}

type FailureIn = (error: unknown) => StoreFailure | undefined;

/**
 * Carries out a request to a store.
 *
 * @param isOfContainer it is about the container and not one object
 * @param failureIn what an error of the store's client says; undefined where that is unheard of
 * @returns undefined where what was asked for is not there
 * @throws DatasourceError, RetryableError, RejectedError, as a ReadableDatasource does. Nothing that the store said is
 * repeated
 */
export async function askStore<T>(
  request: StoreRequest & { readonly isOfContainer: boolean },
  failureIn: FailureIn,
  ask: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await ask();
  } catch (cause) {
    const known = winnowErrorIn(cause);
    if (known) throw known;
    const failure = failureIn(cause) ?? 'passes';
    if (failure !== 'absent') throw errorOf(failure, request, cause);
    if (request.isOfContainer) throw errorOf('no container', request, cause);
    return undefined;
  }
}

/** As {@link askStore}, for what concerns the container: what is not there is the container. */
export async function askStoreForAll<T>(
  request: StoreRequest,
  failureIn: FailureIn,
  ask: () => Promise<T>,
): Promise<T> {
  return (await askStore({ ...request, isOfContainer: true }, failureIn, ask)) as T;
}

/** Clients wrap what their connections throw. */
function winnowErrorIn(error: unknown): WinnowError | undefined {
  if (error instanceof WinnowError) return error;
  const { cause } = (error ?? {}) as { readonly cause?: unknown };
  return cause === undefined || cause === error ? undefined : winnowErrorIn(cause);
}

function errorOf(
  failure: Exclude<StoreFailure, 'absent'>,
  request: StoreRequest & { readonly isOfContainer: boolean },
  cause: unknown,
): WinnowError {
  const { action, resource, isOfContainer } = request;
  if (failure === 'archived') {
    const reason = 'It is in an archive tier. Restore it, and it will be read.';
    return new RejectedError('ARCHIVED', reason, { cause });
  }
  if (failure === 'passes') {
    const reason = `${action} on '${resource}' failed for now.`;
    return new RetryableError('SERVICE_UNAVAILABLE', reason, { cause });
  }
  const { code, reason } = problemOf(failure, request);
  const isOfObject = !isOfContainer && (code === 'DENIED' || code === 'MISCONFIGURED');
  const scope = isOfObject ? 'object' : 'datasource';
  return new DatasourceError(reason, { code, scope, action, resource }, { cause });
}

/** What the owner of the datasource has to put right. */
function problemOf(
  failure: Exclude<StoreFailure, 'absent' | 'archived' | 'passes'>,
  { action, resource, holder }: StoreRequest,
): { readonly code: DatasourceProblemCode; readonly reason: string } {
  switch (failure) {
    case 'no container':
      return { code: 'NO_SUCH_BUCKET', reason: `${resource} does not exist. Correct fullPath.` };
    case 'credentials':
      return {
        code: 'CREDENTIALS_INVALID',
        reason: `The credentials of ${holder} are not valid. Set the datasource again with valid ones.`,
      };
    case 'denied':
      return { code: 'DENIED', reason: `${action} on ${resource} was denied. Allow it to ${holder}.` };
    case 'unknown host':
      return {
        code: 'UNREACHABLE',
        reason: `There is no server for ${resource}. Correct the account or the address.`,
      };
    case 'refused':
      return {
        code: 'MISCONFIGURED',
        reason: `${action} on ${resource} is refused, and not for want of a permission. Check how the datasource is configured.`,
      };
    default:
      return failure satisfies never;
  }
}
