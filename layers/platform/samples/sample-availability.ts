import type { RawSample } from '#contracts/items';
import type { Sample } from '#contracts/samples';
import type { ObjectId } from '#contracts/schema';
import { isInArchive } from './raw-samples.ts';

/** What became of the image of a sample. `since` is when that happened, in ms. */
export type Availability = NonNullable<Sample['availability']>;

/** A sample whose image is gone or in an archive. */
export type UnavailableSample = Pick<Sample, 'index' | 'fileName'> & Pick<Availability, 'since'>;

/**
 * Which samples have lost their image, for good or until it is restored. Samples stay when that happens: indexes and masks
 * never change.
 */
export interface SampleAvailability {
  /**
   * Notes on the sample of that name what became of its image: one conditional write. False where no sample has the name,
   * or where the same or something newer is noted: of another place, what was registered later is newer.
   */
  markAvailability(datasetId: ObjectId, fileName: string, availability: Availability): Promise<boolean>;
  /** Counted without reading any, so what changed some moments ago may not count yet. */
  countUnavailable(datasetId: ObjectId): Promise<number>;
  /** By index, ascending; only keys are read, so what changed some moments ago may not be in it yet. */
  unavailableIndexes(datasetId: ObjectId): AsyncIterable<number>;
  /** By index, ascending. What is available again is left out. */
  listUnavailable(datasetId: ObjectId): AsyncIterable<UnavailableSample>;
}

/** What a state of the registry says about the image of the sample of its name. */
export function availabilityOf(rawSample: RawSample): Availability {
  const reason = reasonOf(rawSample);
  return {
    ...{ isAvailable: reason === undefined, ...(reason && { reason }) },
    order: availabilityOrder(rawSample),
    place: `${rawSample.bucket}/${rawSample.key}`,
    since: rawSample.registeredAt,
  };
}

function reasonOf(rawSample: RawSample): Availability['reason'] {
  if (rawSample.state === 'deleted') return 'deleted';
  return isInArchive(rawSample) ? 'archived' : undefined;
}

/** Greater for later states of the same name and place, as texts are compared. */
const availabilityOrder = ({ sequencer, registeredAt }: Pick<RawSample, 'sequencer' | 'registeredAt'>) =>
  `${sequencer}#${String(registeredAt).padStart(13, '0')}`;
