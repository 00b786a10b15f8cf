import { setTimeout as sleep } from 'node:timers/promises';
import { RetryableError } from '#contracts/errors';

/** 50 ms doubled seven times: about 6 s in all. */
const FIRST_PAUSE_MS = 50;
const MOST_ATTEMPTS = 8;

/**
 * Carries out a batch until nothing of it is left. DynamoDB leaves parts of a batch unprocessed when it is throttled
 * or when the answer would exceed 16 MB, and SQS when it could not take them; as long as something was done there is no reason to pause.
 *
 * @param carryOut returns what was left unprocessed
 */
export async function untilAllProcessed<T>(
  batch: readonly T[],
  carryOut: (batch: readonly T[]) => Promise<readonly T[]>,
): Promise<void> {
  let rest = batch;
  for (let idle = 0; rest.length > 0; ) {
    const left = await carryOut(rest);
    if (left.length < rest.length) {
      idle = 0;
    } else {
      idle += 1;
      if (idle === MOST_ATTEMPTS) throw new RetryableError('THROTTLED', 'The service takes no more for now.');
      await sleep(FIRST_PAUSE_MS * 2 ** (idle - 1) * (0.5 + Math.random() / 2));
    }
    rest = left;
  }
}
