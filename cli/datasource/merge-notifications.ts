import { createHash } from 'node:crypto';
import type { NotificationConfiguration, QueueConfiguration } from '@aws-sdk/client-s3';
import { ConflictError } from '#contracts/errors';

/** Whose objects are reported, and to which queue. */
export interface WantedNotification {
  readonly queueArn: string;
  /** Of keys, as they are. */
  readonly prefix: string;
}

/** What ingest wants to know of, as of the landing bucket. */
const EVENTS = [
  's3:ObjectCreated:*',
  's3:ObjectRemoved:*',
  's3:LifecycleExpiration:*',
  's3:ObjectRestore:Completed',
] as const;

type Rule = Pick<QueueConfiguration, 'Id' | 'Events' | 'Filter'>;

/**
 * The notifications of a bucket with one more, which is in nobody's way. Undefined where the queue is told of these objects
 * already. Those of other places stay, because other datasets may have their images there.
 *
 * @throws ConflictError where somebody else is told of some of these objects: S3 takes no two rules for the same event
 */
export function mergeNotifications(
  present: NotificationConfiguration,
  { queueArn, prefix }: WantedNotification,
): NotificationConfiguration | undefined {
  const queues = present.QueueConfigurations ?? [];
  if (queues.some((rule) => rule.QueueArn === queueArn && covers(rule, prefix))) return undefined;
  // Of folders in this one, which is all told of from now on.
  const included = queues.filter((rule) => rule.QueueArn === queueArn && isOwnWithin(rule, prefix));
  const others = queues.filter((rule) => !included.includes(rule));
  const rules: Rule[] = [
    ...others,
    ...(present.TopicConfigurations ?? []),
    ...(present.LambdaFunctionConfigurations ?? []),
  ];
  const inTheWay = rules.find((rule) => overlaps(rule, prefix));
  if (inTheWay) {
    throw new ConflictError(
      `The bucket's notification '${inTheWay.Id ?? 'without an id'}' is about some of the same objects, and S3 takes one for ` +
        'each event only. Nothing was changed. Use --events eventbridge, which leaves the others alone.',
    );
  }
  const added = included
    .flatMap(({ Events = [] }) => Events)
    .filter((event) => !EVENTS.some((one) => includes(one, event)));
  const wanted: QueueConfiguration = {
    ...{ Id: idOf(prefix), QueueArn: queueArn, Events: [...EVENTS, ...new Set(added)] },
    ...(prefix !== '' && { Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: encoded(prefix) }] } } }),
  };
  return { ...present, QueueConfigurations: [...others, wanted] };
}

/** The same with EventBridge turned on. Undefined where it is on. */
export const withEventBridge = (present: NotificationConfiguration): NotificationConfiguration | undefined =>
  present.EventBridgeConfiguration ? undefined : { ...present, EventBridgeConfiguration: {} };

/** True where everything that was configured still is. */
export function keeps(now: NotificationConfiguration, wanted: NotificationConfiguration): boolean {
  const kinds = ['QueueConfigurations', 'TopicConfigurations', 'LambdaFunctionConfigurations'] as const;
  const hasAll = kinds.every((kind) => {
    const ids = new Set((now[kind] ?? []).map(({ Id }) => Id));
    return (wanted[kind] ?? []).every(({ Id }) => ids.has(Id));
  });
  return hasAll && (!wanted.EventBridgeConfiguration || now.EventBridgeConfiguration !== undefined);
}

/** Where the objects of all notifications go: ARNs of queues, topics and functions. */
export const destinationsOf = (configuration: NotificationConfiguration): string[] =>
  [
    ...(configuration.QueueConfigurations ?? []).map(({ QueueArn }) => QueueArn),
    ...(configuration.TopicConfigurations ?? []).map(({ TopicArn }) => TopicArn),
    ...(configuration.LambdaFunctionConfigurations ?? []).map(({ LambdaFunctionArn }) => LambdaFunctionArn),
  ].filter((arn) => arn !== undefined);

const ID_PREFIX = 'winnow-';
/** The datasets of one place share its notification. */
const idOf = (prefix: string): string =>
  ID_PREFIX + createHash('sha256').update(prefix).digest('hex').slice(0, 16);

const isOwnWithin = (rule: Rule, prefix: string): boolean =>
  rule.Id?.startsWith(ID_PREFIX) === true && filterOf(rule, 'prefix').startsWith(prefix);

/** S3 wants a space as `+`, and what is no safe character of a key percent-encoded. */
const encoded = (prefix: string): string =>
  encodeURIComponent(prefix).replaceAll('%2F', '/').replaceAll('%20', '+').replaceAll('~', '%7E');

function filterOf({ Filter }: Rule, name: 'prefix' | 'suffix'): string {
  const rules = Filter?.Key?.FilterRules ?? [];
  return decoded(rules.find(({ Name }) => Name?.toLowerCase() === name)?.Value ?? '');
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    // Somebody has written a percent sign as it is.
    return value;
  }
}

const covers = (rule: Rule, prefix: string): boolean =>
  prefix.startsWith(filterOf(rule, 'prefix')) &&
  filterOf(rule, 'suffix') === '' &&
  EVENTS.every((event) => rule.Events?.some((other) => includes(other, event)));

/** Any suffix is one of the names that begin with the prefix. */
function overlaps(rule: Rule, prefix: string): boolean {
  const other = filterOf(rule, 'prefix');
  const isSamePlace = other.startsWith(prefix) || prefix.startsWith(other);
  return isSamePlace && EVENTS.some((event) => rule.Events?.some((one) => isSameEvent(one, event)));
}

const includes = (one: string, other: string): boolean =>
  one === other || (one.endsWith('*') && other.startsWith(one.slice(0, -1)));
const isSameEvent = (one: string, other: string): boolean => includes(one, other) || includes(other, one);
