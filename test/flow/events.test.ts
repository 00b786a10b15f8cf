import {
  DeleteObjectCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mergeNotifications } from '../../cli/datasource/merge-notifications.ts';
import { ApiWorkflowClient } from '../../client/index.ts';
import { type Flow, startFlow } from '../support/flow.ts';
import { foreignRole, READ } from '../support/ingest-world.ts';
import { photo } from '../support/photos.ts';

/** A bucket of another account tells Winnow of its images in the ways that docs/events.md has. */
const OWNER = '111122223333';
const EXTERNAL_ID = 'an-agreed-external-id';
const Bucket = 'photos-of-others';
const TIMEOUT_MS = 60_000;

let flow: Flow;
let sqs: SQSClient;
let datasetId: string;
beforeAll(async () => {
  const role = { ...foreignRole('lender', READ, EXTERNAL_ID), arn: `arn:aws:iam::${OWNER}:role/lender` };
  flow = await startFlow({ foreignRoles: [role], eventSenders: [OWNER] });
  const { apiUrl, token, region, accessKeyId, secretAccessKey, endpoints } = flow.cloud.connection;
  sqs = new SQSClient({ region, endpoint: endpoints.sqs, credentials: { accessKeyId, secretAccessKey } });
  tellEventBridge(true);
  const client = new ApiWorkflowClient({ serverLocation: apiUrl, token });
  await client.createDataset('lent');
  datasetId = client.datasetId!;
  await client.setS3DelegatedAccessConfig({
    ...{ resourcePath: `s3://${Bucket}/2026`, region: 'us-east-1', purpose: 'INPUT' },
    ...{ roleArn: role.arn, externalId: EXTERNAL_ID },
  });
  // What connecting starts finds nothing yet: from here on it takes an event.
  await flow.cloud.idle();
}, 120_000);
afterAll(async () => {
  sqs?.destroy();
  await flow?.close();
});

const tellEventBridge = (isOn: boolean) =>
  flow.cloud.foreignBuckets.set({
    ...{ name: Bucket, accountId: OWNER },
    ...(isOn && { eventBus: flow.cloud.outputs.EventBusArn! }),
  });
const put = async (Key: string, scene: number) =>
  flow.client.s3.send(new PutObjectCommand({ Bucket, Key, Body: await photo(scene) }));
const registered = async (fileName: string) => {
  await flow.cloud.idle(['ingest']);
  return flow.client.rawSamples.get(datasetId, fileName);
};

test(
  'by EventBridge: an image that is put, tagged and deleted',
  async () => {
    const listings = flow.cloud.statistics().sync?.invocations;
    const Key = '2026/by event bridge + 100%.jpg';
    const fileName = 'by event bridge + 100%.jpg';
    await put(Key, 1);
    expect(await registered(fileName)).toMatchObject({ state: 'registered', bucket: Bucket, key: Key });
    const TagSet = [{ Key: 'site', Value: 'north' }];
    await flow.client.s3.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet } }));
    expect(await registered(fileName)).toMatchObject({ objectMetadata: { tags: { site: 'north' } } });
    await flow.client.s3.send(new DeleteObjectCommand({ Bucket, Key }));
    expect(await registered(fileName)).toMatchObject({ state: 'deleted' });
    expect(flow.cloud.statistics().sync?.invocations).toBe(listings);
  },
  TIMEOUT_MS,
);

test(
  'of what is outside of the datasource nothing is taken in',
  async () => {
    await put('2025/old.jpg', 2);
    await flow.cloud.idle(['ingest']);
    expect(await Array.fromAsync(flow.client.datasets.list())).toHaveLength(1);
    expect(flow.cloud.deadLetters()).toEqual({});
  },
  TIMEOUT_MS,
);

test(
  'by SNS: a notification of S3 in its envelope',
  async () => {
    tellEventBridge(false);
    const { ETag } = await put('2026/by sns.jpg', 3);
    expect(await registered('by sns.jpg')).toBeUndefined();
    const s3 = {
      bucket: { name: Bucket },
      object: { key: '2026/by+sns.jpg', eTag: ETag?.replaceAll('"', ''), sequencer: '1' },
    };
    const Message = JSON.stringify({ Records: [{ eventName: 'ObjectCreated:Put', s3 }] });
    const envelope = { Type: 'Notification', TopicArn: `arn:aws:sns:us-east-1:${OWNER}:uploads`, Message };
    const QueueUrl = flow.cloud.queueUrls.ingest!;
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(envelope) }));
    expect(await registered('by sns.jpg')).toMatchObject({ state: 'registered' });
  },
  TIMEOUT_MS,
);

test(
  'by a notification, as the command line adds it to those of the bucket',
  async () => {
    tellEventBridge(false);
    const queueArn = flow.cloud.outputs.IngestQueueArn!;
    const NotificationConfiguration = mergeNotifications({}, { queueArn, prefix: '2026/day 1 + ä/' })!;
    const configure = new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration });
    await flow.client.s3.send(configure);
    await put('2026/untold.jpg', 4);
    await put('2026/day 1 + ä/told.jpg', 5);
    expect(await registered('day 1 + ä/told.jpg')).toMatchObject({ state: 'registered' });
    expect(await registered('untold.jpg')).toBeUndefined();
  },
  TIMEOUT_MS,
);
