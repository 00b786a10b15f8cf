import type { NotificationConfiguration } from '@aws-sdk/client-s3';
import { ConflictError, ForbiddenError, WinnowError } from '#contracts/errors';
import {
  destinationsOf,
  keeps,
  mergeNotifications,
  type WantedNotification,
  withEventBridge,
} from './merge-notifications.ts';

export interface BucketWithEvents {
  readonly bucket: string;
  readonly region: string;
  readonly signal: AbortSignal;
}

/**
 * Has a bucket report to a queue of the same account and region, with whatever credentials the SDK finds.
 * @returns false where it did already
 * @throws ConflictError where other notifications are in the way; ForbiddenError without permission
 */
export const addNotification = (bucket: BucketWithEvents, wanted: WantedNotification): Promise<boolean> =>
  changeNotifications(bucket, { to: (present) => mergeNotifications(present, wanted) });

/** Turns EventBridge on for a bucket. @returns false where it was. @throws ForbiddenError without permission */
export const turnOnEventBridge = (bucket: BucketWithEvents): Promise<boolean> =>
  // What others have configured is not asked for: where one of their queues is gone, S3 would refuse each change.
  changeNotifications(bucket, { to: withEventBridge, skipsDestinations: true });

interface Change {
  /** Undefined where there is nothing to be done. */
  readonly to: (present: NotificationConfiguration) => NotificationConfiguration | undefined;
  /** @default S3 asks each destination whether it is there, and takes events of this bucket */
  readonly skipsDestinations?: boolean;
}

/** S3 takes all notifications of a bucket at once, and has no condition for it: they are read again. */
async function changeNotifications(
  { bucket, region, signal }: BucketWithEvents,
  { to, skipsDestinations }: Change,
): Promise<boolean> {
  // Loading the SDK takes as long as all of another command.
  const { S3Client, ...commands } = await import('@aws-sdk/client-s3');
  const client = new S3Client({ region });
  const read = async (): Promise<NotificationConfiguration> => {
    const command = new commands.GetBucketNotificationConfigurationCommand({ Bucket: bucket });
    const { $metadata: _, ...present } = await client.send(command, { abortSignal: signal });
    return present;
  };
  let wanted: NotificationConfiguration | undefined;
  try {
    wanted = to(await read());
    if (!wanted) return false;
    const write = {
      ...{ Bucket: bucket, NotificationConfiguration: wanted },
      ...(skipsDestinations && { SkipDestinationValidation: true }),
    };
    await client.send(new commands.PutBucketNotificationConfigurationCommand(write), { abortSignal: signal });
    if (keeps(await read(), wanted)) return true;
  } catch (error) {
    signal.throwIfAborted();
    throw explained(error, bucket, wanted);
  } finally {
    client.destroy();
  }
  throw new ConflictError(
    `The notifications of ${bucket} were changed by somebody else at the same time. Look at them, and try again.`,
  );
}

function explained(error: unknown, bucket: string, wanted: NotificationConfiguration | undefined): unknown {
  if (error instanceof WinnowError || !(error instanceof Error)) return error;
  if (error.name === 'CredentialsProviderError') {
    return new ForbiddenError(
      `The notifications of ${bucket} are changed with your own credentials of AWS, and there are none. Set AWS_PROFILE, or ` +
        'sign in; or leave --events out and turn on EventBridge in the properties of the bucket.',
      { cause: error },
    );
  }
  const { httpStatusCode } = (error as { $metadata?: { httpStatusCode?: number } }).$metadata ?? {};
  if (httpStatusCode === 403) {
    return new ForbiddenError(
      `Your credentials of AWS may not change the notifications of ${bucket}. Allow them s3:GetBucketNotification and ` +
        `s3:PutBucketNotification on it, or ask its owner.`,
      { cause: error },
    );
  }
  return new WinnowError(
    'BUCKET_EVENTS',
    `The notifications of ${bucket} can't be changed: ${error.message}${remedyOf(error, wanted)}`,
    { cause: error },
  );
}

/** S3 asks all destinations, those of others too, and takes nothing where one does not answer. */
function remedyOf({ message }: Error, wanted: NotificationConfiguration = {}): string {
  if (!/destination configuration/i.test(message)) return '';
  return (
    `. One of these is gone, or takes no events of this bucket: ${destinationsOf(wanted).join(', ')}. Remove the notification ` +
    "that leads to it, or use --events eventbridge, for which S3 asks none. Winnow's own queue takes events of buckets in its " +
    'account only.'
  );
}
