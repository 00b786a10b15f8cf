import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readParameters } from '../../infra/parameters.ts';
import {
  type PolicyProperties,
  referredTo,
  resourcesOf,
  type Statement,
} from '../support/synthesized-stack.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const APP = 'infra/app.ts';
/** Without bundles: they do not depend on parameters. */
const WITHOUT_BUNDLING = { 'aws:cdk:bundling-stacks': [] };
const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-1234567890ab';
const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:uploads';
const EXISTING = 'photos-of-another-team';
const TIMEOUT_MS = 120_000;

const directory = mkdtempSync(join(tmpdir(), 'winnow-parameters-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Synthesis {
  readonly exitCode: number;
  readonly output: string;
  readonly template: () => Parameters<typeof resourcesOf>[0]['template'];
}

/** Runs an app as the CDK CLI does, with `-c` for each entry of the context. */
function synthesize(
  app: string,
  name: string,
  context: Readonly<Record<string, unknown>>,
): Promise<Synthesis> {
  const assembly = join(directory, name);
  const env = {
    ...process.env,
    CDK_OUTDIR: assembly,
    CDK_CONTEXT_JSON: JSON.stringify({ ...WITHOUT_BUNDLING, ...context }),
  };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [app], { cwd: PROJECT, env }, (_error, stdout, stderr) =>
      resolve({
        exitCode: child.exitCode ?? -1,
        output: stdout + stderr,
        template: () => JSON.parse(readFileSync(join(assembly, 'Winnow.template.json'), 'utf8')),
      }),
    );
  });
}

const ofType = <Properties>(synthesis: Synthesis, type: string) =>
  resourcesOf<Properties>({ template: synthesis.template() }, type).map(({ properties }) => properties);

describe('an existing landing bucket, with every other parameter', () => {
  let synthesis: Synthesis;
  beforeAll(async () => {
    synthesis = await synthesize(APP, 'existing', {
      existingLandingBucket: EXISTING,
      kmsKeyArn: KEY,
      alarmEmail: 'alarms@example.com',
      removalPolicy: 'destroy',
      runMemoryMegabytes: '10240',
      inputAccounts: '111122223333, 444455556666',
      inputBuckets: 'photos-1,photos-2',
      inputTopics: TOPIC,
      privateEndpoints: 'allow',
    });
  }, TIMEOUT_MS);

  test('synthesizes without findings', () => {
    expect(synthesis).toMatchObject({ exitCode: 0 });
  });

  test('is attached by adding to its notifications, never by replacing them', () => {
    const [notifications, ...others] = ofType(synthesis, 'Custom::S3BucketNotifications');
    expect(others).toEqual([]);
    expect(notifications).toMatchObject({ BucketName: EXISTING, Managed: false });
  });

  test('takes the place of a new one', () => {
    expect(ofType(synthesis, 'AWS::S3::Bucket')).toHaveLength(4);
    expect(synthesis.template().Outputs.LandingBucketName?.Value).toBe(EXISTING);
  });

  test('may report to the queue, as any bucket of the account, and so may the topics that were named', () => {
    const statements = ofType<PolicyProperties>(synthesis, 'AWS::SQS::QueuePolicy').flatMap(
      ({ PolicyDocument }) => PolicyDocument.Statement,
    );
    const senders = (service: string) =>
      statements.filter(({ Principal }) =>
        isDeepStrictEqual(Principal, { Service: `${service}.amazonaws.com` }),
      );
    const conditions = senders('s3').map(({ Condition }) => Condition);
    expect(conditions).toContainEqual({ StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } });
    expect(JSON.stringify(conditions)).toContain(`:s3:::${EXISTING}`);
    expect(senders('sns').map(({ Condition }) => Condition)).toEqual([
      { ArnEquals: { 'aws:SourceArn': [TOPIC] } },
    ]);
  });

  test('lets the accounts that were named, and of them only S3, send events of their buckets', () => {
    const [policy, ...others] = ofType<{ Statement: Statement }>(synthesis, 'AWS::Events::EventBusPolicy');
    expect(others).toEqual([]);
    expect(policy?.Statement).toMatchObject({
      Effect: 'Allow',
      Action: 'events:PutEvents',
      Condition: { 'ForAllValues:StringEquals': { 'events:source': 'aws.s3' } },
    });
    const { AWS: arns } = policy!.Statement.Principal as { AWS: unknown[] };
    const accounts = arns.map((arn) => JSON.stringify(arn));
    expect(accounts.map((arn) => /::(\d{12}):root/.exec(arn)?.[1])).toEqual(['111122223333', '444455556666']);
    expect(accounts.join()).toContain('AWS::Partition');
  });

  test('takes events of the buckets that were named from the bus of the account, and of no other', () => {
    const rules = ofType<{ EventBusName?: unknown; EventPattern?: object }>(synthesis, 'AWS::Events::Rule');
    const onDefaultBus = rules.filter(({ EventBusName, EventPattern }) => EventPattern && !EventBusName);
    expect(onDefaultBus.map(({ EventPattern }) => EventPattern)).toEqual([
      expect.objectContaining({
        source: ['aws.s3'],
        detail: { bucket: { name: ['photos-1', 'photos-2'] } },
      }),
    ]);
  });

  test('lets the functions that open datasources reach private addresses', () => {
    const functions = ofType<{ Environment?: { Variables: Record<string, unknown> } }>(
      synthesis,
      'AWS::Lambda::Function',
    );
    const allowed = functions
      .map(({ Environment }) => Environment?.Variables)
      .filter((variables) => variables?.PRIVATE_ENDPOINTS === 'allow');
    expect(allowed.map((variables) => variables?.STAGE).sort()).toEqual([
      ...['api', 'export', 'ingest', 'reconcile', 'run', 'sync'],
    ]);
  });

  test('gives the functions that select the memory that was asked for', () => {
    const large = ofType<{ MemorySize: number; Environment: { Variables: { STAGE: string } } }>(
      synthesis,
      'AWS::Lambda::Function',
    ).filter(({ MemorySize }) => MemorySize === 10_240);
    expect(large.map(({ Environment }) => Environment.Variables.STAGE).sort()).toEqual(['run', 'shard']);
  });

  test('keeps its objects where all else is deleted with the stack', () => {
    expect(ofType(synthesis, 'AWS::DynamoDB::Table')).toMatchObject([{ DeletionProtectionEnabled: false }]);
    const emptied = ofType<{ BucketName: object }>(synthesis, 'Custom::S3AutoDeleteObjects');
    expect(emptied.map(({ BucketName }) => typeof referredTo(BucketName))).toEqual(Array(4).fill('string'));
  });
});

test(
  'a key encrypts the data, and every function that reads it may use the key',
  async () => {
    const synthesis = await synthesize(APP, 'key', { kmsKeyArn: KEY, alarmEmail: 'alarms@example.com' });
    expect(synthesis).toMatchObject({ exitCode: 0 });
    expect(JSON.stringify(ofType(synthesis, 'AWS::DynamoDB::Table'))).toContain(KEY);
    expect(JSON.stringify(ofType(synthesis, 'AWS::SecretsManager::Secret'))).toContain(KEY);
    const encrypted = ofType(synthesis, 'AWS::S3::Bucket').filter((each) =>
      JSON.stringify(each).includes(KEY),
    );
    expect(encrypted).toHaveLength(4);
    const policies = ofType(synthesis, 'AWS::IAM::Policy').map((policy) => JSON.stringify(policy));
    expect(policies.filter((policy) => !policy.includes('kms:Decrypt'))).toEqual([]);
    expect(ofType(synthesis, 'AWS::SNS::Subscription')).toMatchObject([
      { Protocol: 'email', Endpoint: 'alarms@example.com' },
    ]);
  },
  TIMEOUT_MS,
);

test.each([
  ['existingLandingBucket', 'Not A Bucket'],
  ['kmsKeyArn', 'alias/mine'],
  ['alarmEmail', 'nobody'],
  ['removalPolicy', 'sometimes'],
  ['runMemoryMegabytes', '128'],
  ['inputAccounts', '111122223333,1234'],
  ['inputAccounts', ''],
  ['inputBuckets', 'Not A Bucket'],
  ['inputBuckets', Array.from({ length: 26 }, (_, index) => `bucket-${index}`).join()],
  ['inputTopics', 'uploads'],
  ['privateEndpoints', 'yes'],
])('a wrong %s is refused by its name', (name, value) => {
  const context: Record<string, unknown> = { [name]: value };
  expect(() => readParameters((asked) => context[asked])).toThrow(
    `The context (-c name=value) is not valid. ${name}`,
  );
});

test(
  'a finding of cdk-nag that nobody acknowledged fails synthesis',
  async () => {
    const { exitCode, output } = await synthesize('test/fixtures/app-with-finding.ts', 'finding', {});
    expect(exitCode).toBe(1);
    expect(output).toContain('AwsSolutions-S10');
  },
  TIMEOUT_MS,
);
