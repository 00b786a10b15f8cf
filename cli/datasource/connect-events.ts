import { InvalidInputError } from '#contracts/errors';
import type { BucketPrefix } from '#contracts/items';
import type { EventRuleRequest } from '#platform/datasources/delegated-access/event-rule';
import { partsOfArn, regionNameOf } from '#platform/datasources/regions';
import type { Api } from '../api-command.ts';
import { addNotification, turnOnEventBridge } from './bucket-events.ts';

export const EVENT_SOURCES = ['eventbridge', 'notification', 'polling'] as const;

/** How events of a bucket are to come, as somebody asks for it. */
export interface EventsAsked {
  readonly events?: (typeof EVENT_SOURCES)[number];
  readonly purpose: string;
  readonly region: string;
}

/** Where images are, and which bucket tells of them: undefined where that is behind an access point, and was not named. */
export interface ReportingPlace {
  readonly place: BucketPrefix;
  readonly bucket: string | undefined;
}

/** What a rule forwards: nothing where events come in another way, or nobody waits for them. */
export function forwardedEvents(
  { place, bucket }: ReportingPlace,
  eventBusArn: string,
  { events = 'eventbridge', purpose }: EventsAsked,
): EventRuleRequest | undefined {
  if (events !== 'eventbridge' || purpose === 'LIGHTLY') return undefined;
  checkReporting(bucket);
  return { place: { ...place, bucket }, eventBusArn };
}

function checkReporting(bucket: string | undefined): asserts bucket is string {
  if (bucket !== undefined) return;
  throw new InvalidInputError(
    'Events name the bucket behind an access point: give --bucket, or --events polling.',
  );
}

/** @throws InvalidInputError where somebody asks for events that nobody waits for, or that can't come */
export function checkEvents(
  { events = 'polling', purpose, region: given }: EventsAsked,
  queueArn: string,
): void {
  if (events !== 'polling' && purpose === 'LIGHTLY') {
    throw new InvalidInputError(
      `--events ${events} is about INPUT: nothing is taken in from LIGHTLY. Leave it out.`,
    );
  }
  const { region } = partsOfArn(queueArn);
  if (events === 'notification' && region !== regionNameOf(given)) {
    throw new InvalidInputError(
      `--events notification is for buckets in the account and region of Winnow, which is ${region}. Leave it out, or use ` +
        '--events eventbridge.',
    );
  }
}

/** Changes the bucket, where somebody asks for it. */
export async function turnOnEvents(
  { output, signal }: Api,
  { place, bucket }: ReportingPlace,
  queueArn: string,
  { events, region: given }: EventsAsked,
): Promise<void> {
  if (events === undefined || events === 'polling') return;
  checkReporting(bucket);
  const region = regionNameOf(given);
  const isNew =
    events === 'notification'
      ? await addNotification({ bucket, region, signal }, { queueArn, prefix: place.prefix })
      : await turnOnEventBridge({ bucket, region, signal });
  output.note(
    `${bucket} ${isNew ? 'reports' : 'reported already'} ${events === 'notification' ? "to Winnow's queue" : 'to EventBridge'}.`,
  );
}
