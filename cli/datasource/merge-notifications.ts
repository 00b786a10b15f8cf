import type { NotificationConfiguration, QueueConfiguration } from '@aws-sdk/client-s3';
import { ConflictError } from '#contracts/errors';

/** Whose objects are reported, and to which queue. */
export interface WantedNotification {
  /** Names the configuration among those of others. */
  readonly id: string;
  readonly queueArn: string;
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
 * already.
 *
 * @throws ConflictError where somebody else is told of some of these objects: S3 takes no two rules for the same event
 */
export function mergeNotifications(
  present: NotificationConfiguration,
  { id, queueArn, prefix }: WantedNotification,
): NotificationConfiguration | undefined {
  const queues = present.QueueConfigurations ?? [];
  if (queues.some((rule) => rule.QueueArn === queueArn && covers(rule, prefix))) return undefined;
  const others = queues.filter((rule) => rule.Id !== id);
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
  const wanted: QueueConfiguration = {
    ...{ Id: id, QueueArn: queueArn, Events: [...EVENTS] },
    ...(prefix !== '' && { Filter: { Key: { FilterRules: [{ Name: 'prefix', Value: prefix }] } } }),
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

function filterOf({ Filter }: Rule, name: 'prefix' | 'suffix'): string {
  const rules = Filter?.Key?.FilterRules ?? [];
  return rules.find(({ Name }) => Name?.toLowerCase() === name)?.Value ?? '';
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
