import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { LocalCloud, LocalCloudOptions } from '../../local/local-cloud.ts';
import { clientsOf, eventually, startFixture, workedOn } from '../support/local-stack.ts';

let running: LocalCloud | undefined;
afterEach(async () => {
  await running?.close();
  running = undefined;
});
async function start(options: Partial<LocalCloudOptions> = {}): Promise<LocalCloud> {
  running = await startFixture(options);
  return running;
}

async function land(cloud: LocalCloud, keys: readonly string[]): Promise<void> {
  const { s3 } = clientsOf(cloud);
  const Bucket = cloud.connection.buckets.landing;
  await Promise.all(keys.map((Key) => s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }))));
}
const deliveriesOf = async (cloud: LocalCloud, key: string) => (await workedOn(cloud, key))?.deliveries ?? 0;

async function deadLetters(cloud: LocalCloud): Promise<string[]> {
  const QueueUrl = cloud.deadLetterQueueUrls.ingest;
  const request = { QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 };
  const { Messages = [] } = await clientsOf(cloud).sqs.send(new ReceiveMessageCommand(request));
  return Messages.map(({ Body = '' }) => JSON.parse(Body).Records[0].s3.object.key);
}

describe('an event source', () => {
  test('gives a batch to the function and deletes what succeeded', async () => {
    const cloud = await start();
    const keys = Array.from({ length: 23 }, (_, index) => `in/${index}`);
    cloud.pauseEventSources();
    await land(cloud, keys);
    cloud.resumeEventSources();
    await cloud.idle();
    for (const key of keys) expect(await deliveriesOf(cloud, key)).toBe(1);
    // 23 messages in batches of at most 5.
    expect(cloud.statistics().ingest).toMatchObject({ invocations: 5, errors: 0, killed: 0 });
    expect(cloud.statistics().ingest!.peakRssBytes).toBeGreaterThan(20_000_000);
    expect(await deadLetters(cloud)).toEqual([]);
  });

  test('redelivers only what failed, and rests a poison message after its last receive', async () => {
    const cloud = await start();
    await land(cloud, ['in/good-1', 'in/poison', 'in/good-2']);
    await cloud.idle();
    expect(await deadLetters(cloud)).toEqual(['in/poison']);
    for (const key of ['in/good-1', 'in/good-2']) expect(await deliveriesOf(cloud, key)).toBe(1);
    await land(cloud, ['in/good-3']);
    await cloud.idle();
    expect(await deliveriesOf(cloud, 'in/good-3')).toBe(1);
  });

  test('redelivers the batch of a worker that was killed, and loses nothing', async () => {
    const cloud = await start();
    const keys = Array.from({ length: 12 }, (_, index) => `in/${index}`);
    let kills = 0;
    cloud.onRequest(({ stage, service, operation, ordinal }) => {
      // In the middle of the third message of a batch.
      if (kills < 2 && stage === 'ingest' && ordinal === 8) {
        expect({ service, operation }).toEqual({ service: 's3', operation: 'PutObject' });
        kills += cloud.kill('ingest');
      }
    });
    cloud.pauseEventSources();
    await land(cloud, keys);
    cloud.resumeEventSources();
    await cloud.idle();
    expect(kills).toBeGreaterThanOrEqual(2);
    expect(cloud.statistics().ingest!.killed).toBeGreaterThanOrEqual(2);
    for (const key of keys) expect(await deliveriesOf(cloud, key)).toBeGreaterThanOrEqual(1);
    expect(await deadLetters(cloud)).toEqual([]);
  });

  test('holds back while paused', async () => {
    const cloud = await start();
    cloud.pauseEventSources();
    await land(cloud, ['in/waiting']);
    const { sqs } = clientsOf(cloud);
    const AttributeNames = ['ApproximateNumberOfMessages' as const];
    const QueueUrl = cloud.queueUrls.ingest;
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
    expect(Attributes?.ApproximateNumberOfMessages).toBe('1');
    expect(await deliveriesOf(cloud, 'in/waiting')).toBe(0);
    cloud.resumeEventSources();
    await cloud.idle();
    expect(await deliveriesOf(cloud, 'in/waiting')).toBe(1);
  });
});

describe('a function', () => {
  test('answers under its URL', async () => {
    const { connection } = await start();
    const response = await fetch(`${connection.apiUrl}some/path?a=1&b=%20x&a=2`, {
      method: 'POST',
      body: '{"hello":"world"}',
      headers: { 'content-type': 'application/json', cookie: 'c=3; d=4' },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-served-by')).toBe('fixture');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.json()).toMatchObject({
      version: '2.0',
      rawPath: '/some/path',
      rawQueryString: 'a=1&b=%20x&a=2',
      queryStringParameters: { a: '1,2', b: ' x' },
      cookies: ['c=3', 'd=4'],
      body: '{"hello":"world"}',
      isBase64Encoded: false,
      requestContext: { http: { method: 'POST', path: '/some/path' } },
    });
  });

  test('receives binary bodies as Base64, and its failures are a 502', async () => {
    const { connection } = await start();
    const body = Buffer.from([0, 255, 128]);
    const response = await fetch(`${connection.apiUrl}x`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'image/png' },
    });
    expect(await response.json()).toMatchObject({ body: body.toString('base64'), isBase64Encoded: true });
    expect((await fetch(`${connection.apiUrl}fail`)).status).toBe(502);
  });

  test('may stream its answer', async () => {
    const { outputs } = await start();
    const response = await fetch(`${outputs.StreamUrl}three`);
    expect(response.status).toBe(207);
    expect(response.headers.get('content-type')).toBe('text/plain');
    expect(await response.text()).toBe('one two /three');
  });

  test('sees nothing of the environment of the host', async () => {
    process.env.SECRET_OF_THE_HOST = 'x';
    const { connection } = await start();
    const names = (await (await fetch(`${connection.apiUrl}environment`)).json()) as string[];
    expect(names).toEqual(expect.arrayContaining(['STAGE', 'AWS_REGION', 'AWS_ENDPOINT_URL_S3', 'PATH']));
    expect(names).not.toContain('SECRET_OF_THE_HOST');
  });

  test('is stopped at its time limit, and works again after it', async () => {
    const cloud = await start({ parameters: { WorkerTimeout: '1' } });
    await land(cloud, ['in/hang']);
    await eventually(
      () => cloud.statistics().ingest!.killed,
      (killed) => killed >= 1,
    );
    await land(cloud, ['in/after']);
    await eventually(
      () => deliveriesOf(cloud, 'in/after'),
      (deliveries) => deliveries === 1,
    );
  });

  test('can be invoked by its stage, and tells why it failed', async () => {
    const cloud = await start();
    expect(await cloud.invoke('api', { rawPath: '/direct' })).toMatchObject({ statusCode: 200 });
    await expect(cloud.invoke('api', { rawPath: '/fail' })).rejects.toThrow('broken on purpose');
    await expect(cloud.invoke('nobody', {})).rejects.toThrow('nobody');
  });
});

test('a schedule invokes its function by the clock', async () => {
  const cloud = await start({ schedulePeriodCap: 0.2 });
  const ticks = async () => {
    const Key = { pk: { S: 'CLOCK' }, sk: { S: 'CLOCK' } };
    const { Item } = await clientsOf(cloud).dynamodb.send(
      new GetItemCommand({ TableName: cloud.tableName, Key }),
    );
    return Number(Item?.ticks?.N ?? 0);
  };
  expect(await eventually(ticks, (count) => count >= 2)).toBeGreaterThanOrEqual(2);
});
