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
  /** A listing shows that it has to be restored before it can be read; an event, that it was restored. */
  archive: z.enum(['entered', 'left']).exactOptional(),
  /** When the object was made, or this happened to it. */
  bornAt: milliseconds.optional(),
  /**
   * An event of S3 is newer than what is stored when its sequencer is greater. An observation, which a listing tells of, has
   * no sequencer of its own: it holds only while the stored state is still the one that the observer saw.
   */
  order: z.discriminatedUnion('by', [
    z.strictObject({ by: z.literal('sequencer'), sequencer: z.string() }),
    z.strictObject({
      by: z.literal('observation'),
      /** The stored order and eTag that the observer saw; absent where nothing was stored. */
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

/**
 * What Winnow itself puts on the ingest queue: what a sync or reconcile has seen, and events that were held. `source` tells
 * it from messages of AWS and says nothing of which stage it is from.
 */
export const ingestRequest = z.strictObject({
  source: z.literal('winnow'),
  event: objectEvent,
});
export type IngestRequest = z.infer<typeof ingestRequest>;
export const ingestRequestOf = (event: ObjectEvent): IngestRequest => ({ source: 'winnow', event });

/** Kinds of events of S3 in EventBridge that say something about an image. */
export const OBJECT_EVENT_TYPES = [
  'Object Created',
  'Object Deleted',
  'Object Restore Completed',
  'Object Tags Added',
  'Object Tags Deleted',
] as const;

const size = z.int().nonnegative().optional();
const s3Record = z.looseObject({
  eventName: z.string(),
  /** ISO 8601 */
  eventTime: z.string().optional(),
  s3: z.looseObject({
    bucket: z.looseObject({ name: z.string().min(1) }),
    object: z.looseObject({
      key: z.string().min(1),
      size,
      eTag: z.string().optional(),
      versionId: z.string().nullish(),
      sequencer: z.string().optional(),
    }),
  }),
});
const s3Notification = z.union([
  z.looseObject({ Records: z.array(s3Record) }).transform(({ Records }) => Records.flatMap(ofRecord)),
  // What S3 sends when a notification is configured.
  z.looseObject({ Event: z.literal('s3:TestEvent') }).transform((): ObjectEvent[] => []),
]);

/** An S3 notification as SNS delivers it, unless the subscription asks for raw delivery. */
const snsEnvelope = z
  .looseObject({ Type: z.literal('Notification'), TopicArn: z.string(), Message: z.string() })
  // Nothing else comes this way: whoever may publish could otherwise say what only Winnow may.
  .transform(({ Message }) => parseJsonWith(s3Notification, Message, 'Message of an SNS notification'));

const eventBridgeEvent = z.looseObject({
  source: z.literal('aws.s3'),
  'detail-type': z.string(),
  /** ISO 8601, in whole seconds. */
  time: z.string().optional(),
  detail: z.looseObject({
    bucket: z.looseObject({ name: z.string().min(1) }),
    object: z.looseObject({
      key: z.string().min(1),
      size,
      etag: z.string().optional(),
      'version-id': z.string().nullish(),
      sequencer: z.string().optional(),
    }),
    'deletion-type': z.string().optional(),
  }),
});

/** 32 digits hold any sequencer that S3 has been seen to send (16 to 18 digits). */
const SEQUENCER_DIGITS = 32;
export const paddedSequencer = (sequencer: string): string =>
  sequencer.toLowerCase().padStart(SEQUENCER_DIGITS, '0');

/** S3 URL-encodes keys in its notifications and writes a space as `+`; EventBridge has them as they are. */
function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch (cause) {
    throw new InvalidInputError('The key in an S3 event is not URL-encoded.', { cause });
  }
}

/** What both forms tell of a change. */
interface Change {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
  readonly eTag: string | undefined;
  readonly size: number | undefined;
  readonly sequencer: string | undefined;
  readonly time: string | undefined;
}
type ChangeKind = ObjectEvent['kind'] | 'marked' | 'restored' | 'noticed';

/** What becomes of an event by the beginning of its name; the first that fits counts. */
const KINDS_OF_NAMES: readonly (readonly [name: RegExp, kind: ChangeKind])[] = [
  [/ObjectCreated:/, 'created'],
  [/DeleteMarkerCreated/, 'marked'],
  [/ObjectRemoved:|LifecycleExpiration:/, 'removed'],
  [/ObjectRestore:Completed/, 'restored'],
  [/ObjectTagging:/, 'noticed'],
];

function ofRecord({ eventName, eventTime, s3: { bucket, object } }: z.infer<typeof s3Record>): ObjectEvent[] {
  const kind = KINDS_OF_NAMES.find(([name]) => name.test(eventName))?.[1];
  const { key, versionId, eTag, size, sequencer } = object;
  const change = { versionId: versionId ?? undefined, eTag, size, sequencer, time: eventTime };
  return kind ? [toObjectEvent(kind, { bucket: bucket.name, key: decodeKey(key), ...change })] : [];
}

function ofEventBridge({ time, detail, ...event }: z.infer<typeof eventBridgeEvent>): ObjectEvent[] {
  const { key, size, etag, 'version-id': versionId, sequencer } = detail.object;
  const kind = kindOfType(event['detail-type'], detail['deletion-type']);
  const change = { versionId: versionId ?? undefined, eTag: etag, size, sequencer, time };
  return kind ? [toObjectEvent(kind, { bucket: detail.bucket.name, key, ...change })] : [];
}

function kindOfType(type: string, deletion: string | undefined): ChangeKind | undefined {
  switch (type as (typeof OBJECT_EVENT_TYPES)[number]) {
    case 'Object Created':
      return 'created';
    case 'Object Deleted':
      return deletion === 'Delete Marker Created' ? 'marked' : 'removed';
    case 'Object Restore Completed':
      return 'restored';
    case 'Object Tags Added':
    case 'Object Tags Deleted':
      return 'noticed';
    default:
      return undefined;
  }
}

/** Longer than what is cut off the time of an event, which has whole seconds in EventBridge. */
const TIME_STEP_MS = 1_000;

function toObjectEvent(kind: ChangeKind, change: Change): ObjectEvent {
  const { bucket, key, versionId, eTag, size, sequencer = '', time = '' } = change;
  const at = Date.parse(time);
  if (kind === 'restored' || kind === 'noticed') {
    // S3 gives such events no sequencer, and they may be about an old version: what is there now is looked at.
    const times = at >= 0 && { at, since: at + TIME_STEP_MS };
    const archive = kind === 'restored' && { archive: 'left' as const };
    return { kind: 'created', bucket, key, ...archive, order: { by: 'observation', again: true, ...times } };
  }
  return {
    kind: kind === 'marked' ? 'removed' : kind,
    bucket,
    key,
    // The version of a delete marker is the marker's own, not that of an image.
    ...(versionId && kind !== 'marked' && { versionId }),
    ...(eTag && { eTag }),
    ...(size !== undefined && { size }),
    ...(at >= 0 && { bornAt: at }),
    order: { by: 'sequencer', sequencer: paddedSequencer(sequencer) },
  };
}

const ingestMessage = z.union([
  ingestRequest.transform(({ event }) => [event]),
  s3Notification,
  eventBridgeEvent.transform(ofEventBridge),
  snsEnvelope,
]);

/**
 * The events in the body of one ingest message: an S3 notification, by itself or as SNS or EventBridge deliver it, or a
 * request of Winnow's own. Events of other kinds are left out.
 * @throws InvalidInputError where it is none of these.
 */
export const parseIngestMessage = (body: string): ObjectEvent[] =>
  parseJsonWith(ingestMessage, body, 'Ingest message');
