import type { ArchivedRawSample, RegisteredRawSample } from '#contracts/items';
import { type Arrival, sequencerOf } from './arrival.ts';

/** What is known of an image that was read, wherever its object is by now. */
export type DescribedRawSample = RegisteredRawSample | ArchivedRawSample;

/** The state of an image whose object has moved to an archive. What was read of it, and whether a run has, stays. @param at ms */
export const archivedState = (
  stored: DescribedRawSample,
  arrival: Arrival,
  at: number,
): ArchivedRawSample => ({
  ...stored,
  ...{ state: 'archived', sequencer: sequencerOf(arrival), registeredAt: at },
});

/** The state of an image whose object can be read again: nothing has to be downloaded for it. @param at ms */
export const restoredState = (
  stored: ArchivedRawSample,
  arrival: Arrival,
  at: number,
): RegisteredRawSample => ({
  ...stored,
  ...{ state: 'registered', sequencer: sequencerOf(arrival), registeredAt: at },
});
