import type { NotificationConfiguration } from '@aws-sdk/client-s3';
import { ConflictError, ForbiddenError, WinnowError } from '#contracts/errors';
import {
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
 * Has a bucket report to a queue of the same account, with whatever credentials the SDK finds.
 * @returns false where it did already
 * @throws ConflictError where other notifications are in the way; ForbiddenError without permission
 */
export const addNotification = (bucket: BucketWithEvents, wanted: WantedNotification): Promise<boolean> =>
  changeNotifications(bucket, (present) => mergeNotifications(present, wanted));

/** Turns EventBridge on for a bucket. @returns false where it was. @throws ForbiddenError without permission */
export const turnOnEventBridge = (bucket: BucketWithEvents): Promise<boolean> =>
  changeNotifications(bucket, withEventBridge);

type Change = (present: NotificationConfiguration) => NotificationConfiguration | undefined;

/** S3 takes all notifications of a bucket at once, and has no condition for it: they are read again. */
async function changeNotifications(
  { bucket, region, signal }: BucketWithEvents,
  change: Change,
): Promise<boolean> {
  // Loading the SDK takes as long as all of another command.
  const { S3Client, ...commands } = await import('@aws-sdk/client-s3');
  const client = new S3Client({ region });
  const read = async (): Promise<NotificationConfiguration> => {
    const command = new commands.GetBucketNotificationConfigurationCommand({ Bucket: bucket });
    const { $metadata: _, ...present } = await client.send(command, { abortSignal: signal });
    return present;
  };
  try {
    const wanted = change(await read());
    if (!wanted) return false;
    const write = { Bucket: bucket, NotificationConfiguration: wanted };
    await client.send(new commands.PutBucketNotificationConfigurationCommand(write), { abortSignal: signal });
    if (keeps(await read(), wanted)) return true;
  } catch (error) {
    signal.throwIfAborted();
    throw explained(error, bucket);
  } finally {
    client.destroy();
  }
  throw new ConflictError(
    `The notifications of ${bucket} were changed by somebody else at the same time. Look at them, and try again.`,
  );
}

function explained(error: unknown, bucket: string): unknown {
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
    `The notifications of ${bucket} can't be changed: ${error.message}`,
    {
      cause: error,
    },
  );
}
