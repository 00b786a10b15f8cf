import { RetryableError } from '#contracts/errors';
import type { RawSample } from '#contracts/items';
import type { EventOrder } from '#contracts/object-event';
import type { RegistrationOutcome } from '#platform/samples/raw-samples';
import type { IngestDeps } from './ingest-deps.ts';

/** Each takes a few seconds: with a table that is slower than that, the message comes again. */
const MOST_TRIES = 3;

/** What came of it, and the state as it was written last. */
export interface WrittenState<State extends RawSample> {
  readonly written: Exclude<RegistrationOutcome, 'late'>;
  readonly state: State;
}

/**
 * Writes a state under the time at which it is written: where the table does not take it at once, it is made anew with the time
 * by then. Listings of what is new rely on it, see `newAtOfFile`.
 *
 * @param make the state, registered at this time (ms)
 * @throws RetryableError where the table stays too slow
 */
export async function writeState<State extends RawSample>(
  make: (at: number) => State,
  order: EventOrder,
  { rawSamples, now }: Pick<IngestDeps, 'rawSamples' | 'now'>,
): Promise<WrittenState<State>> {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const state = make(now());
    const written = await rawSamples.write(state, order);
    if (written === 'late') continue;
    // What was given up may have been written all the same.
    return { written: tries > 0 && written === 'unchanged' ? 'written' : written, state };
  }
  throw new RetryableError('SERVICE_UNAVAILABLE', 'The table takes too long to write a raw sample.');
}
