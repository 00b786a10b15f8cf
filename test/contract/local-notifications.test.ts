import {
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  type QueueConfiguration,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { parseIngestMessage } from '#contracts/object-event';
import type { LocalCloud } from '../../local/local-cloud.ts';
import { clientsOf, startFixture } from '../support/local-stack.ts';
import { takeMessages } from '../support/queue-contents.ts';

/** Notifications that the owner of a bucket configures through S3. */
const Bucket = 'reporting';

let cloud: LocalCloud;
let clients: ReturnType<typeof clientsOf>;
let queueArn: string;
beforeAll(async () => {
  cloud = await startFixture({ foreignBuckets: [Bucket] });
  clients = clientsOf(cloud);
  queueArn = `arn:aws:sqs:us-east-1:000000000000:${cloud.outputs.EventQueueUrl!.split('/').at(-1)}`;
}, 60_000);
afterAll(() => cloud.close());
beforeEach(() => configure({}));

const configure = (NotificationConfiguration: NotificationConfiguration, SkipDestinationValidation = false) =>
  clients.s3.send(
    new PutBucketNotificationConfigurationCommand({
      ...{ Bucket, NotificationConfiguration, SkipDestinationValidation },
    }),
  );
const rule = (Value: string, change: Partial<QueueConfiguration> = {}): QueueConfiguration => ({
  ...{ Id: `of ${Value}`, QueueArn: queueArn, Events: ['s3:ObjectCreated:*', 's3:ObjectTagging:Put'] },
  Filter: { Key: { FilterRules: [{ Name: 'prefix', Value }] } },
  ...change,
});
async function reportedOf(...keys: string[]): Promise<string[]> {
  for (const Key of keys) await clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
  const messages = await takeMessages(clients.sqs, cloud.outputs.EventQueueUrl!);
  return messages.flatMap((message) => parseIngestMessage(JSON.stringify(message))).map(({ key }) => key);
}

test('are read as they were written', async () => {
  const configured = { QueueConfigurations: [rule('a & b/'), rule('c/')], EventBridgeConfiguration: {} };
  await configure(configured);
  const read = new GetBucketNotificationConfigurationCommand({ Bucket });
  const { $metadata: _, ...found } = await clients.s3.send(read);
  expect(found).toEqual(configured);
});

test('tell of keys that their prefix is the encoded form of', async () => {
  await configure({ QueueConfigurations: [rule('raw+images/'), rule('%E5%86%99%E7%9C%9F/')] });
  const keys = ['raw images/a.jpg', '写真/b.jpg'];
  expect(await reportedOf(...keys, 'raw+images/c.jpg', 'd.jpg')).toEqual(keys);
  await configure({ QueueConfigurations: [rule('raw images/'), rule('写真/')] });
  expect(await reportedOf('raw+images/e.jpg')).toEqual([]);
});

test('are refused where two are about the same, and where a queue is not there unless nobody asks', async () => {
  const overlapping = { QueueConfigurations: [rule('a/'), rule('a/b/')] };
  await expect(configure(overlapping, true)).rejects.toThrow('Configurations overlap');
  const gone = { QueueConfigurations: [rule('a/', { QueueArn: `${queueArn}-that-is-gone` })] };
  await expect(configure(gone)).rejects.toThrow('Unable to validate');
  await configure(gone, true);
  expect(await reportedOf('a/b.jpg')).toEqual([]);
});
