import { randomBytes } from 'node:crypto';
import type { ObjectChange } from './object-store.ts';
import type { NotificationPlan } from './plan-types.ts';

export interface NotificationSettings {
  readonly region: string;
  readonly accountId: string;
  readonly now: () => number;
}

export interface NotifierParts extends NotificationSettings {
  readonly notifications: (bucket: string) => readonly NotificationPlan[];
  readonly send: (queueArn: string, body: string) => void;
  /** Hands a change to EventBridge. */
  readonly publish: (change: ObjectChange, sequencer: string) => void;
}

/** Announces a change to every queue that a bucket's notifications name, and to EventBridge, in the same order. */
export function createNotifier(parts: NotifierParts): (change: ObjectChange) => void {
  const { notifications, send, publish, ...settings } = parts;
  const nextSequencer = createSequencer(settings.now);
  return (change) => {
    const sequencer = nextSequencer();
    for (const notification of notifications(change.bucket)) {
      if (!covers(notification, change)) continue;
      const record = eventRecord(change, notification, sequencer, settings);
      send(notification.queueArn, JSON.stringify({ Records: [record] }));
    }
    publish(change, sequencer);
  };
}

function covers({ event, prefix, suffix }: NotificationPlan, { name, key }: ObjectChange): boolean {
  const kind = `s3:${name}`;
  const named = event.endsWith(':*') ? kind.startsWith(event.slice(0, -1)) : kind === event;
  return named && key.startsWith(prefix) && key.endsWith(suffix);
}

/** Hex numbers that grow with every event, also over restarts: the clock, with a counter behind it. */
function createSequencer(now: () => number): () => string {
  let last = 0n;
  return () => {
    const clock = BigInt(now()) << 20n;
    last = clock > last ? clock : last + 1n;
    return last.toString(16).toUpperCase().padStart(18, '0');
  };
}

function eventRecord(
  { name, bucket, key, eTag, size, versionId }: ObjectChange,
  { id }: NotificationPlan,
  sequencer: string,
  { region, accountId, now }: NotificationSettings,
): unknown {
  const requestId = randomBytes(8).toString('hex').toUpperCase();
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: region,
    eventTime: new Date(now()).toISOString(),
    eventName: name,
    userIdentity: { principalId: accountId },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: { 'x-amz-request-id': requestId, 'x-amz-id-2': requestId },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: id,
      bucket: { name: bucket, ownerIdentity: { principalId: accountId }, arn: `arn:aws:s3:::${bucket}` },
      object: {
        key: encodeEventKey(key),
        ...(size !== undefined && { size }),
        ...(eTag !== undefined && { eTag }),
        ...(versionId !== undefined && { versionId }),
        sequencer,
      },
    },
  };
}

/** A prefix or suffix of a notification means the key that it is the encoded form of: a space is written as `+`. */
export function filterValue(written: string): string {
  try {
    return decodeURIComponent(written.replaceAll('+', ' '));
  } catch {
    return written;
  }
}

/** As S3 writes keys in events: percent-encoded, a space as `+`, slashes as they are. */
const encodeEventKey = (key: string): string =>
  encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replaceAll('%20', '+')
    .replace(/[!'()~]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
