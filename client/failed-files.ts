import { ApiError, ConnectionError, MaxRetryError } from './errors.ts';

/** A file that the others did not wait for. */
export interface FailedFile {
  readonly fileName: string;
  readonly error: Error;
}

const DISK_IS_USELESS: ReadonlySet<string | undefined> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EROFS',
  'EMFILE',
  'ENFILE',
]);
const NOT_ALLOWED: ReadonlySet<number> = new Set([401, 402, 403]);

/**
 * The error of one file of many, where the others may still succeed.
 * @throws the error itself where they can't: aborted, not allowed, the server not reached, the disk full
 */
export function errorOfOneFile(error: unknown, signal: AbortSignal): Error {
  signal.throwIfAborted();
  const cause = error instanceof MaxRetryError ? error.cause : error;
  const isHopeless =
    cause instanceof ConnectionError ||
    (cause instanceof ApiError && NOT_ALLOWED.has(cause.status)) ||
    DISK_IS_USELESS.has((cause as NodeJS.ErrnoException).code);
  if (isHopeless) throw error;
  return error as Error;
}
