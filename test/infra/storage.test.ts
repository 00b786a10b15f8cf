import { beforeAll, describe, expect, test } from '@jest/globals';
import { OUTPUTS } from '#contracts/stages';
import type { SynthesizedStack } from '../../local/template.ts';
import {
  allReferredTo,
  type PolicyProperties,
  type Reference,
  referredTo,
  resourcesOf,
  type Statement,
  SYNTHESIS_TIMEOUT_MS,
  synthesizedStack,
} from '../support/synthesized-stack.ts';

interface BucketProperties {
  readonly BucketEncryption?: unknown;
  readonly PublicAccessBlockConfiguration?: unknown;
  readonly LifecycleConfiguration?: { readonly Rules: readonly object[] };
  readonly VersioningConfiguration?: { readonly Status: string };
  readonly LoggingConfiguration?: { readonly DestinationBucketName: Reference };
  readonly NotificationConfiguration?: {
    readonly QueueConfigurations: readonly { readonly Event: string; readonly Queue: Reference }[];
  };
}

let stack: SynthesizedStack;
beforeAll(async () => {
  stack = await synthesizedStack();
}, SYNTHESIS_TIMEOUT_MS);

const buckets = () => resourcesOf<BucketProperties>(stack, 'AWS::S3::Bucket');
const output = (name: keyof typeof OUTPUTS) =>
  referredTo(stack.template.Outputs[OUTPUTS[name]]?.Value as Reference);
const bucketOf = (name: keyof typeof OUTPUTS) =>
  buckets().find(({ logicalId }) => logicalId === output(name))!;

const refusesPlainHttp = ({ Effect, Condition }: Statement) =>
  Effect === 'Deny' && Condition?.Bool?.['aws:SecureTransport'] === 'false';

test.each([
  ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy'],
  ['AWS::SQS::Queue', 'AWS::SQS::QueuePolicy'],
  ['AWS::SNS::Topic', 'AWS::SNS::TopicPolicy'],
])('every %s refuses requests without TLS', (type, policyType) => {
  const refusing = resourcesOf<PolicyProperties>(stack, policyType)
    .filter(({ properties }) => properties.PolicyDocument.Statement.some(refusesPlainHttp))
    .flatMap(({ properties }) => allReferredTo(properties));
  const open = resourcesOf(stack, type).filter(({ logicalId }) => !refusing.includes(logicalId));
  expect(resourcesOf(stack, type).length).toBeGreaterThan(0);
  expect(open).toEqual([]);
});

test('every bucket is encrypted and closed to the public', () => {
  expect(buckets()).toHaveLength(5);
  for (const { properties } of buckets()) {
    expect(properties.BucketEncryption).toBeDefined();
    expect(properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
  }
});

test('every bucket but that of the logs logs who reads and writes it', () => {
  const logs = new Set(
    buckets().map(({ properties }) => referredTo(properties.LoggingConfiguration?.DestinationBucketName)),
  );
  expect(logs.size).toBe(2);
  const silent = buckets().filter(({ properties }) => !properties.LoggingConfiguration);
  expect(silent.map(({ logicalId }) => logs.has(logicalId))).toEqual([true]);
});

test.each(['landingBucket', 'platformBucket', 'archiveBucket'] as const)('%s keeps old versions', (name) => {
  expect(bucketOf(name).properties.VersioningConfiguration).toEqual({ Status: 'Enabled' });
});

test('what is handed over within a run does not stay in the platform bucket', () => {
  const rules = bucketOf('platformBucket').properties.LifecycleConfiguration?.Rules;
  expect(rules).toContainEqual(
    expect.objectContaining({ Prefix: 'handover/', ExpirationInDays: 14, Status: 'Enabled' }),
  );
});

test('the landing bucket reports what is created, removed, expired and restored to the queue of ingest', () => {
  const configurations = bucketOf('landingBucket').properties.NotificationConfiguration?.QueueConfigurations;
  expect(configurations?.map(({ Event }) => Event)).toEqual([
    's3:ObjectCreated:*',
    's3:ObjectRemoved:*',
    's3:LifecycleExpiration:*',
    's3:ObjectRestore:Completed',
  ]);
  const queues = new Set(configurations?.map(({ Queue }) => referredTo(Queue)));
  const [queue] = queues;
  expect(queues.size).toBe(1);
  const policy = resourcesOf<PolicyProperties>(stack, 'AWS::SQS::QueuePolicy').find(({ properties }) =>
    allReferredTo(properties).includes(queue!),
  );
  expect(policy?.properties.PolicyDocument.Statement).toContainEqual(
    expect.objectContaining({
      Effect: 'Allow',
      Action: 'sqs:SendMessage',
      Principal: { Service: 's3.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    }),
  );
});

test('no other bucket reports anything: the pipeline never reacts to its own output', () => {
  const reporting = buckets().filter(({ properties }) => properties.NotificationConfiguration);
  expect(reporting.map(({ logicalId }) => logicalId)).toEqual([output('landingBucket')]);
});

test('the table can be restored to any second, and not be deleted by accident', () => {
  const [table, ...others] = resourcesOf(stack, 'AWS::DynamoDB::Table');
  expect(others).toEqual([]);
  expect(table?.logicalId).toBe(output('table'));
  expect(table?.properties).toMatchObject({
    BillingMode: 'PAY_PER_REQUEST',
    DeletionProtectionEnabled: true,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
  });
});

describe('the outputs', () => {
  test('are those that programs read', () => {
    expect(Object.keys(stack.template.Outputs).sort()).toEqual(Object.values(OUTPUTS).sort());
  });
});
