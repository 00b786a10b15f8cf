import type { ArchivedRawSample, RawSample, RegisteredRawSample } from '#contracts/items';
import type { NearDuplicateGroup } from '#contracts/near-duplicates';
import type { EventOrder } from '#contracts/object-event';
import type { ObjectId } from '#contracts/schema';
import type { NameRange } from '../datasources/name-order.ts';

/**
 * `written`: this state is now the stored one. `unchanged`: the stored state already reflects this event or the
 * same object. `superseded`: a newer event has been stored; this one is history. `late`: it took longer than
 * {@link LONGEST_WRITE_MS}, and was given up, or was written in that moment.
 */
export type RegistrationOutcome = 'written' | 'unchanged' | 'superseded' | 'late';

/**
 * How long (ms) a write may take. A state says when it was registered, and listings of what is new count on it to be there soon
 * after (`newAtOfFile`): one that could not be written by then has to be made anew, with another time.
 */
export const LONGEST_WRITE_MS = 3_000;

/** Raw samples as they are kept: the registry of what is in the INPUT of each dataset. */
export interface RawSampleStore {
  get(datasetId: ObjectId, fileName: string): Promise<RawSample | undefined>;
  /** By file name; unknown ones are left out. Strongly consistent. */
  getMany(datasetId: ObjectId, fileNames: readonly string[]): Promise<Map<string, RawSample>>;
  /**
   * Stores a state as one conditional write, if `order` makes it newer than the stored one (see
   * {@link isNewer}). Writing the very same event twice is `unchanged`. It ends within {@link LONGEST_WRITE_MS}.
   */
  write(rawSample: RawSample, order: EventOrder): Promise<RegistrationOutcome>;
  /** Number of raw samples that no run has read, rejected ones included, counted up to `limit`. */
  countPending(datasetId: ObjectId, limit: number): Promise<number>;
  /** What no run has read, registered until `cutoff` (ms, inclusive). Order is not defined. */
  listPending(datasetId: ObjectId, cutoff: number): AsyncIterable<RawSample>;
  /** What was written since a run settled it, and is for no run: also what was deleted or archived. Order is not defined. */
  listChanged(datasetId: ObjectId): AsyncIterable<RawSample>;
  /** Everything but deleted and archived ones. Order is not defined. Strongly consistent. */
  list(datasetId: ObjectId): AsyncIterable<RawSample>;
  /** What is known of the objects in a range of names, deleted ones too, in the order of names. Strongly consistent. */
  listRange(datasetId: ObjectId, range: NameRange): AsyncIterable<KnownObject>;
  /**
   * A run has read this state: it is no longer pending, nor changed. Does nothing where a newer state has come since.
   * @param group - of a registered state that was not chosen, where it is in one; without it, the group that is stored stays
   */
  settle(state: RawSampleState, group?: NearDuplicateGroup): Promise<void>;
  /** What is listed as changed is no longer: it is known elsewhere. Does nothing where a newer state has come since. */
  settleChanged(state: RawSampleState): Promise<void>;
  /** Names the group of a registered state that a run has read. Does nothing where a newer state has come since. */
  regroup(state: RawSampleState, group: NearDuplicateGroup): Promise<void>;
}

/** What of a raw sample says whether its object is still the same. */
export interface KnownObject
  extends Pick<RawSample, 'fileName' | 'state' | 'bucket' | 'key' | 'eTag' | 'sequencer' | 'registeredAt'> {
  /** Why it was rejected. */
  readonly rejectedAs?: string;
  /** It has to be restored before it can be read. */
  readonly isArchived: boolean;
}

/** Where the object is that an event is about. */
export type ObjectPlace = Pick<RawSample, 'bucket' | 'key'>;

/** Names a state of a raw sample. */
export type RawSampleState = Pick<RawSample, 'datasetId' | 'fileName' | 'registeredAt'>;

/**
 * The rule of order, for reading; `write` applies the same rule as its condition.
 *
 * - An event is newer when its sequencer is greater. So it is when the stored state is of another place than `at`: the
 *   sequencers of two places can't be compared.
 * - An observation is newer while the stored state is the one that it saw. One that asks to look again is no longer newer once
 *   the state was registered after `since`.
 */
export function isNewer(order: EventOrder, at: ObjectPlace, stored: RawSample | undefined): boolean {
  switch (order.by) {
    case 'sequencer':
      return stored === undefined || !isOfPlace(at, stored) || order.sequencer > stored.sequencer;
    case 'observation':
      return (
        stored?.sequencer === order.seen?.sequencer &&
        (stored === undefined || stored.eTag === order.seen?.eTag) &&
        !isReadSince(order, stored)
      );
    default:
      return order satisfies never;
  }
}

/** True where both are of the object at one place. */
export const isOfPlace = (one: ObjectPlace, other: ObjectPlace): boolean =>
  one.bucket === other.bucket && one.key === other.key;

/** What tells one object from another. */
export interface ObjectIdentity extends ObjectPlace {
  readonly eTag?: string | undefined;
  readonly versionId?: string | undefined;
}

/**
 * Two objects are the same when place and eTag are, and the version too where both tell one. Listings tell no version, nor do
 * datasources that are read without versions. An object whose eTag is not told is the same as no other.
 */
export const isSameObject = (one: ObjectIdentity, other: ObjectIdentity): boolean =>
  isOfPlace(one, other) &&
  one.eTag !== undefined &&
  one.eTag === other.eTag &&
  (one.versionId === undefined || other.versionId === undefined || one.versionId === other.versionId);

const isReadSince = (
  { again, since = Number.POSITIVE_INFINITY }: Extract<EventOrder, { by: 'observation' }>,
  stored: RawSample | undefined,
): boolean => again === true && stored !== undefined && stored.registeredAt > since;

/** An order that asks to look again at whatever is stored, as one that has seen what is stored now. */
export function orderSeeing(order: EventOrder, stored: RawSample | undefined): EventOrder {
  if (order.by !== 'observation' || !order.again || order.seen || !stored) return order;
  return { ...order, seen: { sequencer: stored.sequencer, eTag: stored.eTag } };
}

/** A rejection that ends by itself: the very same object can be read once it is restored. */
export const isArchivedRejection = (rawSample: RawSample): boolean =>
  rawSample.state === 'rejected' && rawSample.rejection.code === 'ARCHIVED';

/** True where the object has to be restored before it can be read, whether it had been read before or not. */
export const isInArchive = (rawSample: RawSample): boolean =>
  rawSample.state === 'archived' || isArchivedRejection(rawSample);

/** What is known of an image that was read, also where it can't be read now. */
export const isDescribed = (rawSample: RawSample): rawSample is RegisteredRawSample | ArchivedRawSample =>
  rawSample.state === 'registered' || rawSample.state === 'archived';
