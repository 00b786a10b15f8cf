import type { RawSample } from '#contracts/items';
import type { EventOrder } from '#contracts/object-event';
import { rawSampleKey } from '#contracts/table-keys';
import {
  isArchivedRejection,
  isDescribed,
  isInArchive,
  isNewer,
  isOfPlace,
  isSameObject,
  LONGEST_WRITE_MS,
  type RegistrationOutcome,
} from '#platform/samples/raw-samples';
import { anyOf, dynamo, type Expression } from './expression.ts';
import type { StoredItem } from './stored-item.ts';
import { putItemIf, type Table, untilSettled, updateItemIf } from './table.ts';

/** A new state of a raw sample and what makes it newer than another. */
export interface RawSampleWrite {
  readonly item: StoredItem;
  readonly rawSample: RawSample;
  readonly order: EventOrder;
}

/**
 * Writes a state with one conditional write: it has to be newer and to tell something new. Where the condition
 * fails, what is stored by then says why:
 *
 * - not newer: history, or the same event once more;
 * - newer, but the same object is stored: its place in the order moves forward and everything else stays, so
 *   that no run reads the image a second time;
 * - neither: the stored state changed in between, so try again.
 *
 * However often it is tried: what is not written in time is not written any more.
 */
export async function writeRawSample(
  table: Table,
  write: RawSampleWrite,
  readStored: () => Promise<RawSample | undefined>,
): Promise<RegistrationOutcome> {
  const { item, rawSample, order } = write;
  const outOfTime = AbortSignal.timeout(LONGEST_WRITE_MS);
  const attempt = async (): Promise<RegistrationOutcome | undefined> => {
    if (await putItemIf(table, item, isNewerAndDifferent(rawSample, order), outOfTime)) return 'written';
    const stored = await readStored();
    if (stored === undefined) return undefined;
    const tellsNothingNew = describesTheSame(rawSample, stored);
    if (!isNewer(order, rawSample, stored)) {
      const seenBefore = order.by === 'sequencer' ? stored.sequencer === order.sequencer : tellsNothingNew;
      return seenBefore ? 'unchanged' : 'superseded';
    }
    if (!tellsNothingNew || isLookedAtAgain(order)) return undefined;
    if (order.by === 'observation') return 'unchanged';
    return (await moveForward(table, stored, order.sequencer)) ? 'unchanged' : undefined;
  };
  try {
    return await untilSettled<RegistrationOutcome>(attempt);
  } catch (error) {
    if (outOfTime.aborted) return 'late';
    throw error;
  }
}

const isLookedAtAgain = (order: EventOrder): boolean => order.by === 'observation' && order.again === true;

/** The state that was read is known by its place in the order and the time at which it was written. */
function moveForward(table: Table, stored: RawSample, sequencer: string) {
  const { datasetId, fileName, sequencer: before, registeredAt } = stored;
  const isStillStored = dynamo`#sequencer = ${before} AND #registeredAt = ${registeredAt}`;
  const forward = dynamo`SET #sequencer = ${sequencer}`;
  return updateItemIf(table, rawSampleKey(datasetId, fileName), forward, isStillStored);
}

/**
 * `isNewer` of the domain, and not {@link describesTheSame}, as a condition: what is stored of another place is both. AND binds
 * tighter than OR.
 */
function isNewerAndDifferent(rawSample: RawSample, order: EventOrder): Expression {
  const isAnother = isAnotherThanStored(rawSample);
  switch (order.by) {
    case 'sequencer':
      return dynamo`attribute_not_exists(#pk) OR #sequencer < ${order.sequencer} AND (${isAnother}) OR #bucket <> ${rawSample.bucket} OR #key <> ${rawSample.key}`;
    case 'observation':
      if (!order.seen) return dynamo`attribute_not_exists(#pk)`;
      return dynamo`#sequencer = ${order.seen.sequencer} AND #eTag = ${order.seen.eTag} AND ${
        order.again ? isReadUntil(order.since) : dynamo`(${isAnother})`
      }`;
    default:
      return order satisfies never;
  }
}

/** What is read again replaces what tells the same, once. */
const isReadUntil = (since: number = Number.MAX_SAFE_INTEGER): Expression =>
  dynamo`#registeredAt <= ${since}`;

/** The opposite of {@link describesTheSame}, as a condition. */
function isAnotherThanStored(rawSample: RawSample): Expression {
  const { state, bucket, key, eTag, versionId } = rawSample;
  const elsewhere = [dynamo`#bucket <> ${bucket}`, dynamo`#key <> ${key}`];
  if (state === 'deleted') return anyOf([dynamo`#state <> ${'deleted'}`, ...elsewhere]);
  return anyOf([
    ...[dynamo`#state = ${'deleted'}`, ...elsewhere, dynamo`#eTag <> ${eTag}`],
    ...(versionId === undefined ? [] : [dynamo`attribute_exists(#versionId) AND #versionId <> ${versionId}`]),
    ...(isDescribed(rawSample)
      ? [dynamo`attribute_exists(#facts) AND #facts.#embeddingModel <> ${rawSample.facts.embeddingModel}`]
      : []),
    ...archivedOtherwise(rawSample),
  ]);
}

/** A rejection for being in an archive replaces nothing that was read of the object. */
function archivedOtherwise(rawSample: RawSample): Expression[] {
  if (rawSample.state === 'archived') return [dynamo`#state = ${'registered'}`];
  if (isArchivedRejection(rawSample)) return [];
  const wasRejected = dynamo`attribute_exists(#rejection) AND #rejection.#code = ${'ARCHIVED'}`;
  return [dynamo`#state = ${'archived'}`, wasRejected];
}

/** True where a state tells nothing new of what is stored. */
function describesTheSame(rawSample: RawSample, stored: RawSample): boolean {
  if (rawSample.state === 'deleted') return stored.state === 'deleted' && isOfPlace(rawSample, stored);
  return (
    stored.state !== 'deleted' &&
    isSameObject(rawSample, stored) &&
    !isDescribedOtherwise(rawSample, stored) &&
    !isArchivedOtherwise(rawSample, stored)
  );
}

/** {@link archivedOtherwise} for reading. */
function isArchivedOtherwise(rawSample: RawSample, stored: RawSample): boolean {
  if (rawSample.state === 'archived') return stored.state === 'registered';
  return !isArchivedRejection(rawSample) && isInArchive(stored);
}

/** The same image, described by another embedding model. */
const isDescribedOtherwise = (rawSample: RawSample, stored: RawSample): boolean =>
  isDescribed(rawSample) &&
  isDescribed(stored) &&
  stored.facts.embeddingModel !== rawSample.facts.embeddingModel;
