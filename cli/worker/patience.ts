import { setTimeout as wait } from 'node:timers/promises';
import { ApiError, ConnectionError, MaxRetryError } from '../../client/index.ts';

/** Before the first repetition, doubled before each further one; in ms. */
const FIRST_DELAY = 500;
const LONGEST_DELAY = 15_000;

interface Patience {
  readonly signal: AbortSignal;
  /** After this long (ms) the error is thrown. */
  readonly forMs: number;
}

/** Repeats a call while the server can't be reached, or fails. A restart of the server is no reason to lose a run. */
export async function patiently<T>(call: () => Promise<T>, { signal, forMs }: Patience): Promise<T> {
  const end = Date.now() + forMs;
  for (let delay = FIRST_DELAY; ; delay = Math.min(delay * 2, LONGEST_DELAY)) {
    try {
      return await call();
    } catch (error) {
      signal.throwIfAborted();
      if (!mayPass(error) || Date.now() + delay > end) throw error;
    }
    await wait(delay, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

function mayPass(error: unknown): boolean {
  if (error instanceof MaxRetryError) return mayPass(error.cause);
  if (error instanceof ApiError) return error.status >= 500 || error.status === 429;
  return error instanceof ConnectionError;
}
