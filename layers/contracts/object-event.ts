import { z } from 'zod';
import { InvalidInputError } from './errors.ts';
import { milliseconds, objectId, parseJsonWith } from './schema.ts';

/**
 * Something happened to one object of an input bucket. `sequencer` orders the events of one key; it is hex, of
 * any length, and comparable after {@link paddedSequencer}. Source: Amazon S3 event message structure.
 */
export const objectEvent = z.strictObject({
  kind: z.enum(['created', 'removed']),
  /** The dataset that it is for; events of S3 know none. */
  datasetId: objectId.exactOptional(),
  bucket: z.string().min(1),
  /** The true key: not URL-encoded. */
  key: z.string().min(1),
  /** The version that was created or permanently deleted; absent for a delete marker and in unversioned buckets. */
  versionId: z.string().optional(),
  eTag: z.string().optional(),
  /** Bytes. */
  size: z.int().nonnegative().optional(),
  /** When the object was made, or this happened to it. */
  bornAt: milliseconds.optional(),
  /**
   * An event of S3 is newer than what is stored when its sequencer is greater. An observation of reconcile has no
   * sequencer of its own: it holds only while the stored state is still the one that reconcile saw.
   */
  order: z.discriminatedUnion('by', [
    z.strictObject({ by: z.literal('sequencer'), sequencer: z.string() }),
    z.strictObject({
      by: z.literal('observation'),
      /** The stored order and eTag that reconcile saw; absent where nothing was stored. */
      seen: z.strictObject({ sequencer: z.string(), eTag: z.string() }).optional(),
      /** When the listing was made that has it. Absent: before the first compare of its place was complete. */
      at: milliseconds.exactOptional(),
      /** The object is to be read once more, although nothing has changed; without `seen`, whatever is stored. */
      again: z.literal(true).exactOptional(),
      /** With `again`: what was registered after this time has been read once more already. */
      since: milliseconds.exactOptional(),
    }),
  ]),
});
export type ObjectEvent = z.infer<typeof objectEvent>;
export type EventOrder = ObjectEvent['order'];

/** What reconcile puts on the ingest queue. */
export const reconcileObservation = z.strictObject({
  source: z.literal('winnow:reconcile'),
  event: objectEvent,
});
export type ReconcileObservation = z.infer<typeof reconcileObservation>;

const s3Record = z.looseObject({
  eventName: z.string(),
  /** ISO 8601 */
  eventTime: z.string().optional(),
  s3: z.looseObject({
    bucket: z.looseObject({ name: z.string() }),
    object: z.looseObject({
      key: z.string(),
      size: z.number().optional(),
      eTag: z.string().optional(),
      versionId: z.string().optional(),
      sequencer: z.string().optional(),
    }),
  }),
});
/** 32 digits hold any sequencer that S3 has been seen to send (16 to 18 digits). */
const SEQUENCER_DIGITS = 32;
export const paddedSequencer = (sequencer: string): string =>
  sequencer.toLowerCase().padStart(SEQUENCER_DIGITS, '0');

/** S3 URL-encodes keys in events and writes a space as `+`. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch (cause) {
    throw new InvalidInputError('The key in an S3 event is not URL-encoded.', { cause });
  }
}

function toObjectEvent({ eventName, eventTime = '', s3 }: z.infer<typeof s3Record>): ObjectEvent[] {
  const kind = eventName.includes('ObjectCreated')
    ? 'created'
    : eventName.includes('ObjectRemoved') || eventName.includes('LifecycleExpiration')
      ? 'removed'
      : undefined;
  if (!kind) return [];
  const { key, size, eTag, versionId: eventVersion, sequencer } = s3.object;
  // The version of a delete marker is the marker's own, not that of an image.
  const versionId = eventName.includes('DeleteMarkerCreated') ? undefined : eventVersion;
  return [
    {
      kind,
      bucket: s3.bucket.name,
      key: decodeKey(key),
      ...(versionId && { versionId }),
      ...(eTag && { eTag }),
      ...(size !== undefined && { size }),
      ...(Date.parse(eventTime) >= 0 && { bornAt: Date.parse(eventTime) }),
      order: { by: 'sequencer', sequencer: paddedSequencer(sequencer ?? '') },
    },
  ];
}

const ingestMessage = z.union([
  reconcileObservation.transform(({ event }) => [event]),
  z.looseObject({ Records: z.array(s3Record) }).transform(({ Records }) => Records.flatMap(toObjectEvent)),
  // What S3 sends when a notification is configured.
  z.looseObject({ Event: z.literal('s3:TestEvent') }).transform((): ObjectEvent[] => []),
]);

/**
 * The events in the body of one ingest message: an S3 notification or an observation of reconcile.
 * @throws InvalidInputError where it is neither.
 */
export const parseIngestMessage = (body: string): ObjectEvent[] =>
  parseJsonWith(ingestMessage, body, 'Ingest message');
