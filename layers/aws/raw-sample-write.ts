import type { RawSample } from '#contracts/items';
import type { EventOrder } from '#contracts/object-event';
import { isArchivedRejection, isNewer, type RegistrationOutcome } from '#platform/samples/raw-samples';
import { dynamo, type Expression } from './expression.ts';
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
 */
export function writeRawSample(
  table: Table,
  write: RawSampleWrite,
  readStored: () => Promise<RawSample | undefined>,
): Promise<RegistrationOutcome> {
  const { item, rawSample, order } = write;
  return untilSettled<RegistrationOutcome>(async () => {
    if (await putItemIf(table, item, isNewerAndDifferent(rawSample, order))) return 'written';
    const stored = await readStored();
    if (stored === undefined) return undefined;
    const tellsNothingNew = describesTheSame(rawSample, stored);
    if (!isNewer(order, rawSample, stored)) {
      const seenBefore = order.by === 'sequencer' ? stored.sequencer === order.sequencer : tellsNothingNew;
      return seenBefore ? 'unchanged' : 'superseded';
    }
    if (!tellsNothingNew || isLookedAtAgain(order)) return undefined;
    if (order.by === 'observation') return 'unchanged';
    return (await moveForward(table, write, order.sequencer)) ? 'unchanged' : undefined;
  });
}

const isLookedAtAgain = (order: EventOrder): boolean => order.by === 'observation' && order.again === true;

async function moveForward(table: Table, { item, rawSample }: RawSampleWrite, sequencer: string) {
  const stillTheSame = dynamo`#sequencer < ${sequencer} AND ${isTheSame(rawSample)}`;
  return updateItemIf(table, item, dynamo`SET #sequencer = ${sequencer}`, stillTheSame);
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

/** {@link describesTheSame} as a condition. */
function isTheSame(rawSample: RawSample): Expression {
  const { state, bucket, key, eTag, versionId } = rawSample;
  if (state === 'deleted') return dynamo`#state = ${'deleted'} AND #bucket = ${bucket} AND #key = ${key}`;
  const sameVersion =
    versionId === undefined ? dynamo`attribute_not_exists(#versionId)` : dynamo`#versionId = ${versionId}`;
  const sameModel =
    rawSample.state === 'registered'
      ? dynamo` AND (attribute_not_exists(#facts) OR #facts.#embeddingModel = ${rawSample.facts.embeddingModel})`
      : dynamo``;
  const notRestored = isArchivedRejection(rawSample)
    ? dynamo``
    : dynamo` AND (attribute_not_exists(#rejection) OR #rejection.#code <> ${'ARCHIVED'})`;
  return dynamo`#state <> ${'deleted'} AND #bucket = ${bucket} AND #key = ${key} AND #eTag = ${eTag} AND ${sameVersion}${sameModel}${notRestored}`;
}

/** Its opposite, spelt out: brackets inside brackets cost the parser of the local DynamoDB server milliseconds in every write. */
function isAnotherThanStored(rawSample: RawSample): Expression {
  const { state, bucket, key, eTag, versionId } = rawSample;
  if (state === 'deleted') return dynamo`#state <> ${'deleted'} OR #bucket <> ${bucket} OR #key <> ${key}`;
  const anotherVersion =
    versionId === undefined
      ? dynamo`attribute_exists(#versionId)`
      : dynamo`attribute_not_exists(#versionId) OR #versionId <> ${versionId}`;
  const anotherModel =
    rawSample.state === 'registered'
      ? dynamo` OR attribute_exists(#facts) AND #facts.#embeddingModel <> ${rawSample.facts.embeddingModel}`
      : dynamo``;
  const restored = isArchivedRejection(rawSample)
    ? dynamo``
    : dynamo` OR attribute_exists(#rejection) AND #rejection.#code = ${'ARCHIVED'}`;
  return dynamo`#state = ${'deleted'} OR #bucket <> ${bucket} OR #key <> ${key} OR #eTag <> ${eTag} OR ${anotherVersion}${anotherModel}${restored}`;
}

function describesTheSame(rawSample: RawSample, stored: RawSample): boolean {
  if (stored.bucket !== rawSample.bucket || stored.key !== rawSample.key) return false;
  if (rawSample.state === 'deleted') return stored.state === 'deleted';
  return (
    stored.state !== 'deleted' &&
    stored.eTag === rawSample.eTag &&
    stored.versionId === rawSample.versionId &&
    !isDescribedOtherwise(rawSample, stored) &&
    (isArchivedRejection(rawSample) || !isArchivedRejection(stored))
  );
}

/** The same image, described by another embedding model. */
const isDescribedOtherwise = (rawSample: RawSample, stored: RawSample): boolean =>
  rawSample.state === 'registered' &&
  stored.state === 'registered' &&
  stored.facts.embeddingModel !== rawSample.facts.embeddingModel;
