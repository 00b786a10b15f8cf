import {
  DeleteObjectCommand,
  DeleteObjectTaggingCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3';
import { DeleteMessageCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type ObjectEvent, parseIngestMessage } from '#contracts/object-event';
import { type EventPattern, eventPattern, matchesPattern } from '../../local/event-pattern.ts';
import type { LocalCloud } from '../../local/local-cloud.ts';
import { clientsOf, startFixture } from '../support/local-stack.ts';

let cloud: LocalCloud;
let clients: ReturnType<typeof clientsOf>;
const notices: string[] = [];
beforeAll(async () => {
  cloud = await startFixture({
    notice: (text) => notices.push(text),
    eventSenders: ['444455556666'],
    foreignBuckets: [{ name: 'photos', eventBus: 'default' }, 'silent'],
  });
  clients = clientsOf(cloud);
});
afterAll(() => cloud.close());
afterEach(() => {
  notices.length = 0;
});

const put = (Bucket: string, Key: string) =>
  clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));

/** What is in the queue by now; events are there before the request that caused them is answered. */
async function received(): Promise<string[]> {
  const QueueUrl = cloud.outputs.EventQueueUrl!;
  const bodies: string[] = [];
  for (;;) {
    const { Messages = [] } = await clients.sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
    );
    if (Messages.length === 0) return bodies;
    for (const { Body = '', ReceiptHandle } of Messages) {
      bodies.push(Body);
      await clients.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  }
}

describe('the default bus', () => {
  test('has the events of buckets that tell it, in the form that ingest reads', async () => {
    const key = '2026/my photo + 100%2F ä.jpg';
    const { ETag = '' } = await put('photos', key);
    const [body = '', ...others] = await received();
    expect(others).toEqual([]);
    expect(JSON.parse(body)).toMatchObject({
      version: '0',
      source: 'aws.s3',
      'detail-type': 'Object Created',
      account: '000000000000',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      resources: ['arn:aws:s3:::photos'],
      detail: { bucket: { name: 'photos' }, reason: 'PutObject' },
    });
    expect(parseIngestMessage(body)).toMatchObject([
      { kind: 'created', bucket: 'photos', key, size: 1, eTag: ETag.replaceAll('"', '') },
    ]);
  });

  test('has those of a bucket whose template turns EventBridge on', async () => {
    const { archive } = cloud.connection.buckets;
    await put(archive, '2026/a.zip');
    const [event, ...others] = (await received()).flatMap((body) => parseIngestMessage(body));
    expect(others).toEqual([]);
    expect(event).toMatchObject({ kind: 'created', bucket: archive, key: '2026/a.zip' });
  });

  test('leads nowhere what no pattern fits, and has nothing of other buckets', async () => {
    await put('photos', 'older/a.jpg');
    await put('silent', '2026/a.jpg');
    await put(cloud.connection.buckets.landing, '2026/a.jpg');
    expect(await received()).toEqual([]);
  });
});

describe('a bus of the stack', () => {
  const asBucketOf = (accountId: string) =>
    cloud.foreignBuckets.set({ name: 'theirs', accountId, eventBus: cloud.outputs.EventBusArn! });

  test('takes what a bucket tells of an account that its policy lets in, in order', async () => {
    asBucketOf('111122223333');
    const object = { Bucket: 'theirs', Key: 'a.jpg' };
    const TagSet = [{ Key: 'site', Value: 'north' }];
    await put('theirs', 'a.jpg');
    await clients.s3.send(new PutObjectTaggingCommand({ ...object, Tagging: { TagSet } }));
    await clients.s3.send(new DeleteObjectTaggingCommand(object));
    await clients.s3.send(new DeleteObjectCommand(object));
    const bodies = await received();
    expect(
      bodies.map((body) => JSON.parse(body)).map((event) => [event['detail-type'], event.account]),
    ).toEqual([
      ['Object Created', '111122223333'],
      ['Object Tags Added', '111122223333'],
      ['Object Deleted', '111122223333'],
    ]);
    const [created, tagged, deleted] = bodies.flatMap(parseIngestMessage);
    expect(tagged?.order).toMatchObject({ by: 'observation', again: true });
    expect([created?.kind, deleted?.kind]).toEqual(['created', 'removed']);
    expect(sequencerOf(created) < sequencerOf(deleted)).toBe(true);
  });

  test.each([
    ['444455556666', 1, []],
    ['777788889999', 0, [expect.stringContaining('does not let the account 777788889999 in')]],
  ])('whether it takes those of %s is a matter of who is let in', async (accountId, count, told) => {
    asBucketOf(accountId);
    await put('theirs', 'b.jpg');
    expect(await received()).toHaveLength(count);
    expect(notices).toEqual(told);
  });

  test('that does not exist is told of', async () => {
    cloud.foreignBuckets.set({ name: 'theirs', eventBus: 'of-nobody' });
    await put('theirs', 'c.jpg');
    expect(await received()).toEqual([]);
    expect(notices).toEqual(['EventBridge: there is no bus of-nobody']);
  });
});

describe('a pattern', () => {
  const event = { source: 'aws.s3', detail: { bucket: { name: 'a' }, size: 5, kinds: ['x', 'y'] } };
  test.each<[EventPattern, boolean]>([
    [{}, true],
    [{ source: ['aws.s3'] }, true],
    [{ source: ['aws.sqs', 'aws.s3'] }, true],
    [{ source: ['aws.sqs'] }, false],
    [{ detail: { bucket: { name: [{ prefix: 'a' }] }, size: [5] } }, true],
    [{ detail: { bucket: { name: [{ prefix: 'b' }] } } }, false],
    [{ detail: { size: ['5'] } }, false],
    [{ detail: { kinds: ['y'] } }, true],
    [{ detail: { absent: ['x'] } }, false],
    [{ detail: { absent: { deeper: ['x'] } } }, false],
    [{ toString: ['x'] }, false],
  ])('%j fits: %p', (pattern, fits) => {
    expect(matchesPattern(eventPattern.parse(pattern), event)).toBe(fits);
  });

  test.each([[{ source: [{ 'anything-but': 'aws.s3' }] }], [{ source: 'aws.s3' }], [{ source: [] }]])(
    '%j is refused',
    (pattern) => {
      expect(eventPattern.safeParse(pattern).success).toBe(false);
    },
  );
});

const sequencerOf = (event: ObjectEvent | undefined): string =>
  event?.order.by === 'sequencer' ? event.order.sequencer : 'none';
