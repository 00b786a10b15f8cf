import { beforeAll, describe, expect, test } from '@jest/globals';
import { ENVIRONMENT, OUTPUTS, STAGES, type Stage } from '#contracts/stages';
import { allows, type PolicyDocument } from '../../local/access-policy.ts';
import { planStack } from '../../local/stack-plan.ts';
import { resolveStack, type SynthesizedStack } from '../../local/template.ts';
import { CHANGING_S3_ACTIONS } from '../support/changing-s3-actions.ts';
import {
  allReferredTo,
  functionsOf,
  listed,
  type Reference,
  referredTo,
  resourcesOf,
  SYNTHESIS_TIMEOUT_MS,
  statementsOf,
  synthesizedStack,
} from '../support/synthesized-stack.ts';

const { table, landingBucket, platformBucket, exportsBucket, archiveBucket, queueUrl } = ENVIRONMENT;
const { tokenSecret, publicKeySecret, apiUrl, accountId, eventBusArn, ingestQueueArn } = ENVIRONMENT;
const { privateEndpoints } = ENVIRONMENT;

/** What each stage may use, by the variables that tell it, and no more than that. */
const USED: Record<Stage, readonly string[]> = {
  ingest: [table, landingBucket, platformBucket, queueUrl.schedule, queueUrl.ingest],
  sync: [table, landingBucket, platformBucket, queueUrl.ingest, queueUrl.sync],
  schedule: [table, queueUrl.schedule, queueUrl.run],
  run: [table, landingBucket, platformBucket, queueUrl.run, queueUrl.shard, queueUrl.complete],
  shard: [table, platformBucket],
  complete: [table, queueUrl.export, queueUrl.archive],
  export: [table, platformBucket, exportsBucket, landingBucket, publicKeySecret],
  archive: [table, platformBucket, archiveBucket],
  reconcile: [
    ...[table, landingBucket, platformBucket, queueUrl.ingest, queueUrl.sync, queueUrl.schedule],
    ...[queueUrl.run, queueUrl.complete, queueUrl.job],
  ],
  job: [table, platformBucket, queueUrl.job],
  api: [
    ...[table, landingBucket, platformBucket, tokenSecret, publicKeySecret, queueUrl.sync, queueUrl.run],
    queueUrl.job,
  ],
};
/** What a stage knows and needs no permission for. */
const TOLD: Partial<Record<Stage, readonly string[]>> = {
  ingest: [privateEndpoints],
  sync: [privateEndpoints],
  run: [privateEndpoints],
  export: [privateEndpoints, apiUrl],
  reconcile: [privateEndpoints],
  api: [privateEndpoints, accountId, eventBusArn, ingestQueueArn],
};
/** Those that open what users have configured as datasources. */
const OPENING_DATASOURCES = STAGES.filter((stage) => TOLD[stage]?.includes(privateEndpoints));
/** What each stage may change, apart from sending messages. */
const CHANGED: Record<Stage, readonly string[]> = {
  ingest: [table, platformBucket],
  sync: [table, platformBucket],
  schedule: [table],
  run: [table, platformBucket],
  shard: [platformBucket],
  complete: [table],
  export: [table, exportsBucket],
  archive: [table, archiveBucket],
  reconcile: [table, platformBucket],
  job: [table, platformBucket],
  api: [table, platformBucket],
};
/** Every function may write its log, and a worker may consume its own queue. */
const OF_THE_FUNCTION_ITSELF = /^logs:|^sqs:(Receive|Delete|Change|Get)/;
const CHANGES = /^s3:(Put|Delete)|^dynamodb:(Put|Update|Delete|BatchWrite)/;

let stack: SynthesizedStack;
beforeAll(async () => {
  stack = await synthesizedStack();
}, SYNTHESIS_TIMEOUT_MS);

const functionOf = (stage: Stage) =>
  functionsOf(stack).find(({ properties }) => properties.Environment.Variables.STAGE === stage)!.properties;

/** The resources behind variables of a stage, sorted. */
const resourcesBehind = (stage: Stage, variables: readonly string[]) =>
  variables.map((name) => referredTo(functionOf(stage).Environment.Variables[name] as Reference)).sort();

/** The resources that a stage may do something of the kind with, sorted. */
function resourcesOpenTo(stage: Stage, isOfKind: (action: string) => boolean): string[] {
  const statements = statementsOf(stack, functionOf(stage)).filter(({ Action }) =>
    listed(Action).some(isOfKind),
  );
  const ids = statements.flatMap(({ Resource }) => allReferredTo(Resource));
  // The partition is part of an ARN of another account.
  return [...new Set(ids.filter((id) => !id.startsWith('AWS::')))].sort();
}

test.each(STAGES)('%s knows exactly what it uses', (stage) => {
  const { STAGE: _, NODE_OPTIONS: __, ...resources } = functionOf(stage).Environment.Variables;
  expect(Object.keys(resources).sort()).toEqual([...USED[stage], ...(TOLD[stage] ?? [])].sort());
});

test.each(STAGES)('%s may use exactly what it knows', (stage) => {
  const open = resourcesOpenTo(stage, (action) => !OF_THE_FUNCTION_ITSELF.test(action));
  expect(open).toEqual(resourcesBehind(stage, USED[stage]));
});

test.each(STAGES)('%s changes no more than its work asks for', (stage) => {
  const open = resourcesOpenTo(stage, (action) => CHANGES.test(action));
  expect(open).toEqual(resourcesBehind(stage, CHANGED[stage]));
});

test('only stages that open datasources assume the roles by which owners of buckets grant access to them', () => {
  const assuming = STAGES.flatMap((stage) =>
    statementsOf(stack, functionOf(stage))
      .filter(({ Action }) => listed(Action).some((action) => action.startsWith('sts:')))
      .map(({ Effect, Action, Resource }) => ({ stage, Effect, Action, Resource })),
  );
  const Resource = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::*:role/*']] };
  const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource };
  expect(assuming).toEqual(OPENING_DATASOURCES.map((stage) => ({ stage, ...statement })));
});

describe('objects of users', () => {
  const names = {
    stackName: 'Winnow',
    region: 'eu-west-1',
    accountId: '111122223333',
    queueEndpoint: () => 'https://sqs.eu-west-1.amazonaws.com/',
    functionUrl: () => 'https://api.example.com/',
  };
  const rolesOf = () => planStack(stack, resolveStack(stack, names), names).roles;
  const landing = () => `arn:aws:s3:::${resolveStack(stack, names).outputs()[OUTPUTS.landingBucket]}`;
  /** A condition may hold at some time, and so counts as if it always did. */
  const withoutConditions = ({ Statement }: PolicyDocument): PolicyDocument => ({
    Statement: Statement.map(({ Condition: _, ...statement }) => statement),
  });

  test('can be read, and by no role changed, deleted or moved: nor can the bucket that they are in', () => {
    const asked = [landing(), `${landing()}/dataset/a.jpg`];
    const allowed = rolesOf().flatMap(({ name, policies }) =>
      CHANGING_S3_ACTIONS.flatMap((action) =>
        asked
          .filter((resource) => allows(policies.map(withoutConditions), { action, resource }))
          .map((resource) => `${name}: ${action} on ${resource}`),
      ),
    );
    expect(allowed).toEqual([]);
    const readers = rolesOf().filter(({ policies }) =>
      allows(policies, { action: 's3:GetObject', resource: asked[1]! }),
    );
    expect(readers).toHaveLength(STAGES.filter((stage) => USED[stage].includes(landingBucket)).length);
  });

  test('no statement of a role on the landing bucket has an action that is not known to read', () => {
    const onLanding = rolesOf()
      .flatMap(({ policies }) => policies)
      .flatMap(({ Statement }) => Statement)
      .filter(({ Resource = ['*'] }) => Resource.some((each) => each === '*' || each.startsWith(landing())));
    const actions = onLanding.flatMap(({ Action = ['*'] }) => Action);
    expect([...new Set(actions.filter((action) => !action.startsWith('xray:')))].sort()).toEqual([
      's3:GetObject',
      's3:GetObjectTagging',
      's3:GetObjectVersion',
      's3:GetObjectVersionTagging',
      's3:ListBucket',
    ]);
  });

  test('roles have no permissions but those in their policies, which the tests above read', () => {
    const roles = resourcesOf<{ readonly ManagedPolicyArns?: unknown }>(stack, 'AWS::IAM::Role');
    expect(roles.length).toBeGreaterThanOrEqual(STAGES.length);
    expect(roles.filter(({ properties }) => properties.ManagedPolicyArns)).toEqual([]);
    expect(resourcesOf(stack, 'AWS::IAM::ManagedPolicy')).toEqual([]);
  });
});
