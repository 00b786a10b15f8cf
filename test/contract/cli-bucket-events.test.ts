import {
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { LocalCloud } from '../../local/local-cloud.ts';
import { type CliWorld, startCliWorld } from '../support/cli-world.ts';
import { lentRole, ROLE_ARN, serversOf } from '../support/foreign-datasources.ts';
import { clientsOf, startFixture } from '../support/local-stack.ts';

/** A bucket of Winnow's own account and region, whose notifications `winnow datasources connect` changes. */
const Bucket = 'photos-beside';

let cloud: LocalCloud;
let cli: CliWorld;
let queueArn: string;
let s3: ReturnType<typeof clientsOf>['s3'];
beforeAll(async () => {
  cloud = await startFixture({ foreignBuckets: [Bucket], foreignRoles: [lentRole()] });
  queueArn = `arn:aws:sqs:us-east-1:000000000000:${cloud.outputs.EventQueueUrl!.split('/').at(-1)}`;
  cli = await startCliWorld({ datasourceServers: serversOf(cloud), ingestQueueArn: queueArn });
  cloud.foreignBuckets.set(cli.world.storage.bucket);
  s3 = clientsOf(cloud).s3;
}, 60_000);
afterAll(async () => {
  await cli?.stop();
  await cloud?.close();
});

let made = 0;
let name: string;
beforeEach(async () => {
  made += 1;
  name = `beside-${made}`;
  await cli.client.createDataset(name);
  await configure({});
});

const configure = (NotificationConfiguration: NotificationConfiguration) =>
  s3.send(
    new PutBucketNotificationConfigurationCommand({
      ...{ Bucket, NotificationConfiguration, SkipDestinationValidation: true },
    }),
  );
async function configured(): Promise<NotificationConfiguration> {
  const { $metadata: _, ...found } = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }));
  return found;
}
const connect = (...options: string[]) =>
  cli.winnow(
    [
      ...['datasources', 'connect', name, '--path', `s3://${Bucket}/raw images`, '--region', 'us-east-1'],
      ...['--role-arn', ROLE_ARN, '--timeout', '1s', ...options],
    ],
    { env: cloud.environment },
  );
const typeOfDatasource = async () => (await cli.client.getDatasource({ purpose: 'INPUT' })).type;
const GONE = 'arn:aws:sqs:us-east-1:000000000000:that-is-gone';
const OF_OTHERS = { Id: 'theirs', QueueArn: GONE, Events: ['s3:ObjectCreated:*' as const] };
const ofFolder = (Value: string) => ({
  Filter: { Key: { FilterRules: [{ Name: 'prefix' as const, Value }] } },
});

test('adds one notification for the place, in the form that S3 wants', async () => {
  // The role asks for another ID than the one of the dataset: what counts here is the bucket.
  const { stderr } = await connect('--events', 'notification');
  expect(stderr).toContain(`${Bucket} reports to Winnow's queue.`);
  expect((await configured()).QueueConfigurations).toMatchObject([
    { Id: expect.stringMatching(/^winnow-/), QueueArn: queueArn, ...ofFolder('raw+images/') },
  ]);
  expect(await typeOfDatasource()).toBe('S3DelegatedAccess');
  expect((await connect('--events', 'notification')).stderr).toContain('reported already');
});

test('where others are told of the same objects, changes neither the bucket nor the dataset', async () => {
  const others = { QueueConfigurations: [OF_OTHERS] };
  await configure(others);
  const { code, stderr } = await connect('--events', 'notification');
  expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringContaining('Nothing was changed.') });
  expect(await configured()).toEqual(others);
  expect(await typeOfDatasource()).toBe('LIGHTLY');
});

test('where a destination of others is gone, turns on EventBridge, and says what keeps a notification away', async () => {
  const others = { QueueConfigurations: [{ ...OF_OTHERS, ...ofFolder('documents/') }] };
  await configure(others);
  const refused = await connect('--events', 'notification');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain(
    `One of these is gone, or takes no events of this bucket: ${GONE}, ${queueArn}.`,
  );
  expect(refused.stderr).toContain('use --events eventbridge');
  expect(await typeOfDatasource()).toBe('LIGHTLY');
  expect((await connect('--events', 'eventbridge')).stderr).toContain('reports to EventBridge');
  expect(await configured()).toEqual({ ...others, EventBridgeConfiguration: {} });
});

test('refuses what nobody waits for, and what can not come', async () => {
  const cases = [
    [['--events', 'notification', '--purpose', 'LIGHTLY'], 'is about INPUT'],
    [
      ['--events', 'notification', '--region', 'eu-west-1'],
      'account and region of Winnow, which is us-east-1',
    ],
  ] as const;
  for (const [options, says] of cases) {
    expect(await connect(...options)).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(says) });
  }
  expect(await configured()).toEqual({});
});
