import { randomUUID } from 'node:crypto';
import { allows } from './access-policy.ts';
import { matchesPattern } from './event-pattern.ts';
import type { ObjectChange, ObjectEventName } from './object-changes.ts';
import type { EventBusPlan, EventRulePlan } from './plan-types.ts';

/** The bus that every account has. */
export const DEFAULT_BUS = 'default';

export interface EventBridgeParts {
  readonly plan: () =>
    | { readonly eventBuses: EventBusPlan[]; readonly eventRules: EventRulePlan[] }
    | undefined;
  /** Name or ARN of the bus that the events of a bucket come to; undefined where its EventBridge is off. */
  readonly busOf: (bucket: string) => string | undefined;
  /** The account that a bucket belongs to. */
  readonly ownerOf: (bucket: string) => string;
  readonly accountId: string;
  readonly region: string;
  /** Other accounts that may send to the buses of the stack, beside those that the template lets in. */
  readonly senders: readonly string[];
  readonly send: (queueArn: string, body: string) => void;
  readonly now: () => number;
  readonly onProblem: (text: string) => void;
}

/**
 * EventBridge, as far as it carries events of buckets to queues. The bucket of another account sends to a bus of the
 * stack as if a rule in that account forwarded its events, which that bus has to allow.
 */
export function createEventBridge(
  parts: EventBridgeParts,
): (change: ObjectChange, sequencer: string) => void {
  const { plan, busOf, ownerOf, accountId, region, send, now, onProblem } = parts;
  return (change, sequencer) => {
    const busName = busOf(change.bucket);
    const account = ownerOf(change.bucket);
    const { eventBuses = [], eventRules = [] } = plan() ?? {};
    // Without a bus of the stack, it is the default one of the bucket's account: the stack has rules on its own only.
    if (busName === undefined || (busName === DEFAULT_BUS && account !== accountId)) return;
    const bus = eventBuses.find(({ name, arn }) => busName === name || busName === arn);
    if (busName !== DEFAULT_BUS && !bus) return onProblem(`EventBridge: there is no bus ${busName}`);
    const event = bucketEvent(change, { sequencer, account, region, at: now() });
    if (bus && account !== accountId && !isLetIn(bus, account, event, parts.senders)) {
      return onProblem(`EventBridge: the bus ${bus.name} does not let the account ${account} in`);
    }
    const rules = eventRules.filter((rule) => (bus ? isOn(rule, bus) : rule.bus === DEFAULT_BUS));
    for (const { targets } of rules.filter(({ pattern }) => matchesPattern(pattern, event))) {
      for (const { arn, input } of targets) send(arn, input ?? JSON.stringify(event));
    }
  };
}

const isOn = ({ bus: named }: EventRulePlan, { name, arn }: EventBusPlan): boolean =>
  named === name || named === arn;

function isLetIn(
  bus: EventBusPlan,
  account: string,
  event: BucketEvent,
  senders: readonly string[],
): boolean {
  const context = { 'events:source': event.source, 'events:detail-type': event['detail-type'] };
  const access = { action: 'events:PutEvents', resource: bus.arn, context };
  return senders.includes(account) || allows(bus.policies, access, [`arn:aws:iam::${account}:root`]);
}

type BucketEvent = ReturnType<typeof bucketEvent>;

const DETAIL_TYPES: Readonly<Record<ObjectEventName, string>> = {
  'ObjectCreated:Put': 'Object Created',
  'ObjectCreated:Copy': 'Object Created',
  'ObjectCreated:CompleteMultipartUpload': 'Object Created',
  'ObjectRemoved:Delete': 'Object Deleted',
  'ObjectRemoved:DeleteMarkerCreated': 'Object Deleted',
  'ObjectRestore:Completed': 'Object Restore Completed',
  'ObjectTagging:Put': 'Object Tags Added',
  'ObjectTagging:Delete': 'Object Tags Deleted',
};
/** Which request made or removed the object. */
const REASONS: Partial<Record<ObjectEventName, string>> = {
  'ObjectCreated:Put': 'PutObject',
  'ObjectCreated:Copy': 'CopyObject',
  'ObjectCreated:CompleteMultipartUpload': 'CompleteMultipartUpload',
  'ObjectRemoved:Delete': 'DeleteObject',
  'ObjectRemoved:DeleteMarkerCreated': 'DeleteObject',
};
const DELETION_TYPES: Partial<Record<ObjectEventName, string>> = {
  'ObjectRemoved:Delete': 'Permanently Deleted',
  'ObjectRemoved:DeleteMarkerCreated': 'Delete Marker Created',
};

/** As S3 sends it to EventBridge: the key as it is, times in whole seconds, an order for what creates and deletes only. */
function bucketEvent(
  { name, bucket, key, size, eTag, versionId }: ObjectChange,
  {
    sequencer,
    account,
    region,
    at,
  }: Readonly<Record<'sequencer' | 'account' | 'region', string>> & { at: number },
) {
  const reason = REASONS[name];
  const deletion = DELETION_TYPES[name];
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': DETAIL_TYPES[name],
    source: 'aws.s3',
    account,
    time: new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'),
    region,
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: {
        key,
        ...(size !== undefined && { size }),
        ...(eTag !== undefined && { etag: eTag }),
        ...(versionId !== undefined && { 'version-id': versionId }),
        ...(reason && { sequencer }),
      },
      'request-id': randomUUID(),
      requester: account,
      'source-ip-address': '127.0.0.1',
      ...(reason && { reason }),
      ...(deletion && { 'deletion-type': deletion }),
    },
  };
}
