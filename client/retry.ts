import { setTimeout as wait } from 'node:timers/promises';
import { ApiError, ConnectionError, MaxRetryError, TransferError } from './errors.ts';

/** How calls that can be repeated are repeated. Times in milliseconds. */
export interface RetryPolicy {
  /** How often a call is repeated. @default 5 */
  readonly maxRetries: number;
  /** Before the first repetition; doubled before each further one. @default 1000 */
  readonly firstDelay: number;
  /** @default 120000 */
  readonly longestDelay: number;
  /** After status 429. @default 10000 */
  readonly shortestDelayAfter429: number;
}

export const RETRY_POLICY: RetryPolicy = {
  maxRetries: 5,
  firstDelay: 1_000,
  longestDelay: 120_000,
  shortestDelayAfter429: 10_000,
};

/** Those of the protocol's Python client, which repeats on 400 and 409 too. */
const REPEATED_STATUSES: ReadonlySet<number> = new Set([400, 408, 409, 429, 500, 502, 503, 504]);

/** Says where something belongs: the answer stays the same, and there may be one for each file of a folder. */
const FINAL_CODE = 'DATASET_DATASOURCE_ILLEGAL_ACTION';

/** Waits, or rejects with the reason of the signal. */
export type Sleep = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

export const sleep: Sleep = async (milliseconds, signal) => {
  try {
    await wait(milliseconds, undefined, signal ? { signal } : {});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
};

/**
 * Repeats `attempt` while its errors are of a kind that may pass.
 * @throws MaxRetryError when they don't; any other error at once
 */
export async function retry<Result>(
  attempt: () => Promise<Result>,
  policy: RetryPolicy,
  sleepFor: Sleep,
  signal?: AbortSignal,
): Promise<Result> {
  for (let retries = 0; ; retries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!mayPass(error)) throw error;
      if (retries >= policy.maxRetries) throw new MaxRetryError(retries + 1, error);
      await sleepFor(delayAfter(error, retries, policy), signal);
    }
  }
}

type PassingError = ApiError | TransferError | ConnectionError;

function mayPass(error: unknown): error is PassingError {
  if (error instanceof ApiError && error.code === FINAL_CODE) return false;
  if (error instanceof ApiError || error instanceof TransferError) return REPEATED_STATUSES.has(error.status);
  return error instanceof ConnectionError;
}

function delayAfter(error: PassingError, retries: number, policy: RetryPolicy): number {
  const delay = Math.min(policy.firstDelay * 2 ** retries, policy.longestDelay);
  const tooMany = !(error instanceof ConnectionError) && error.status === 429;
  return tooMany ? Math.max(delay, policy.shortestDelayAfter429) : delay;
}
