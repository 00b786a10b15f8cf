import { AccessError } from './access-error.ts';
import { filterValue } from './object-events.ts';
import type { NotificationPlan } from './plan-types.ts';
import { unescapeXml } from './s3-operations.ts';

/** What owners of buckets have configured beside the template. It lasts until the process ends. */
export interface BucketNotifications {
  /** The document as it was put. */
  readonly document: (bucket: string) => string;
  /** Replaces all of them. @throws AccessError in the words of S3, where it would refuse them */
  readonly put: (
    bucket: string,
    document: string,
    options: { readonly skipsDestinationValidation: boolean },
  ) => void;
  readonly rulesOf: (bucket: string) => readonly NotificationPlan[];
  readonly hasEventBridge: (bucket: string) => boolean;
}

interface Rule {
  readonly id: string;
  /** ARN of a queue, a topic or a function. */
  readonly destination: string;
  readonly events: readonly string[];
  readonly prefix: string;
  readonly suffix: string;
}

const NONE = '<NotificationConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"/>';

/**
 * Notifications of buckets, as S3 takes them: all of a bucket at once, none two about the same event of the same object, and
 * each with a destination that is there. Of topics and functions it is believed that they are; only queues are sent to.
 */
export function createBucketNotifications(queueExists: (arn: string) => boolean): BucketNotifications {
  const documents = new Map<string, string>();
  const rules = (bucket: string) => rulesIn(documents.get(bucket) ?? '');
  return {
    document: (bucket) => documents.get(bucket) ?? NONE,
    put: (bucket, document, { skipsDestinationValidation }) => {
      const wanted = rulesIn(document);
      checkOverlaps(wanted);
      if (!skipsDestinationValidation) checkDestinations(wanted, queueExists);
      documents.set(bucket, document);
    },
    rulesOf: (bucket) =>
      rules(bucket).flatMap(({ destination: queueArn, events, ...rule }) =>
        events.map((event) => ({ ...rule, queueArn, event })),
      ),
    hasEventBridge: (bucket) => (documents.get(bucket) ?? '').includes('<EventBridgeConfiguration'),
  };
}

const CONFIGURATION = /<(Queue|Topic|CloudFunction)Configuration>(.*?)<\/\1Configuration>/gs;

const rulesIn = (document: string): Rule[] =>
  [...document.matchAll(CONFIGURATION)].map(([, , text = '']) => {
    const values = (name: string, within = text) =>
      [...within.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))].map(([, value = '']) =>
        unescapeXml(value),
      );
    const filters = [...text.matchAll(/<FilterRule>(.*?)<\/FilterRule>/gs)].map(([, rule = '']) => ({
      name: values('Name', rule)[0]?.toLowerCase(),
      value: filterValue(values('Value', rule)[0] ?? ''),
    }));
    const filter = (wanted: string) => filters.find(({ name }) => name === wanted)?.value ?? '';
    return {
      id: values('Id')[0] ?? '',
      destination: values('(?:Queue|Topic|CloudFunction)')[0] ?? '',
      events: values('Event'),
      ...{ prefix: filter('prefix'), suffix: filter('suffix') },
    };
  });

const isSame = (one: string, other: string, begins: (text: string, part: string) => boolean): boolean =>
  begins(one, other) || begins(other, one);
const isSameEvent = (one: string, other: string): boolean =>
  one === other ||
  isSame(one, other, (text, part) => part.endsWith('*') && text.startsWith(part.slice(0, -1)));

function checkOverlaps(rules: readonly Rule[]): void {
  const overlaps = (one: Rule, other: Rule) =>
    one.events.some((event) => other.events.some((another) => isSameEvent(event, another))) &&
    isSame(one.prefix, other.prefix, (text, part) => text.startsWith(part)) &&
    isSame(one.suffix, other.suffix, (text, part) => text.endsWith(part));
  if (rules.some((rule, at) => rules.slice(at + 1).some((other) => overlaps(rule, other)))) {
    const reason =
      'Configurations overlap. Configurations on the same bucket cannot share a common event type.';
    throw new AccessError('InvalidArgument', reason, 400);
  }
}

function checkDestinations(rules: readonly Rule[], queueExists: (arn: string) => boolean): void {
  if (rules.every(({ destination }) => !destination.includes(':sqs:') || queueExists(destination))) return;
  throw new AccessError(
    'InvalidArgument',
    'Unable to validate the following destination configurations',
    400,
  );
}
