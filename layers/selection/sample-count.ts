import { InvalidInputError } from '#contracts/errors';
import type { SelectionConfig } from '#contracts/selection-config';

/** The protocol's way to say that `nSamples` is not set. */
const NOT_SET = -1;

/**
 * How many samples are asked for. A proportion is one of all candidates, those that thresholds remove included,
 * rounded to the nearest whole number and at least 1 where there is a candidate.
 *
 * @throws InvalidInputError unless exactly one of `nSamples` and `proportionSamples` is set.
 */
export function requestedCount(
  { nSamples = NOT_SET, proportionSamples }: Pick<SelectionConfig, 'nSamples' | 'proportionSamples'>,
  candidates: number,
): number {
  if ((nSamples === NOT_SET) === (proportionSamples === undefined)) {
    throw new InvalidInputError('nSamples: give exactly one of nSamples and proportionSamples.');
  }
  if (proportionSamples === undefined) return nSamples;
  return Math.min(candidates, Math.max(1, Math.round(proportionSamples * candidates)));
}
