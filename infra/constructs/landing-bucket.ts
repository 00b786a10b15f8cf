import type { CfnResource } from 'aws-cdk-lib';
import { CfnBucket, EventType } from 'aws-cdk-lib/aws-s3';
import { SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { acknowledgeBucketNotificationsHandler } from './bucket-notifications-handler.ts';
import type { DataBucket } from './data-bucket.ts';

const EVENTS = [
  EventType.OBJECT_CREATED,
  EventType.OBJECT_REMOVED,
  EventType.LIFECYCLE_EXPIRATION,
  EventType.OBJECT_RESTORE_COMPLETED,
] as const;

/** Has the landing bucket report every created and removed object to a queue that receives events of buckets. */
export function reportObjectsTo(queue: Queue, landing: DataBucket): void {
  const resource = landing.bucket.node.defaultChild;
  if (resource instanceof CfnBucket) reportFromNewBucket(queue, resource);
  else reportFromExistingBucket(queue, landing);
}

/** In the bucket's own resource: no function that configures it, and the local cloud reads it there. */
function reportFromNewBucket(queue: Queue, bucket: CfnBucket): void {
  bucket.notificationConfiguration = {
    queueConfigurations: EVENTS.map((event) => ({ event, queue: queue.queueArn })),
  };
  bucket.addResourceDependency(queue.node.findChild('Policy').node.defaultChild as CfnResource);
}

/** CloudFormation can't touch a bucket of another stack; CDK's handler adds these events and keeps all others. */
function reportFromExistingBucket(queue: Queue, { bucket }: DataBucket): void {
  for (const event of EVENTS) bucket.addEventNotification(event, new SqsDestination(queue));
  acknowledgeBucketNotificationsHandler(bucket);
}
