import { beforeAll, expect, test } from '@jest/globals';
import { ENVIRONMENT, STAGES, type Stage } from '#contracts/stages';
import type { SynthesizedStack } from '../../local/template.ts';
import {
  allReferredTo,
  functionsOf,
  listed,
  type Reference,
  referredTo,
  SYNTHESIS_TIMEOUT_MS,
  statementsOf,
  synthesizedStack,
} from '../support/synthesized-stack.ts';

const { table, landingBucket, platformBucket, exportsBucket, archiveBucket, queueUrl } = ENVIRONMENT;
const { tokenSecret, publicKeySecret, apiUrl, accountId, eventBusArn, ingestQueueArn } = ENVIRONMENT;
const { privateEndpoints } = ENVIRONMENT;

/** What each stage may use, by the variables that tell it, and no more than that. */
const USED: Record<Stage, readonly string[]> = {
  ingest: [table, landingBucket, platformBucket, queueUrl.schedule],
  sync: [table, landingBucket, platformBucket, queueUrl.ingest, queueUrl.sync],
  schedule: [table, queueUrl.schedule, queueUrl.run],
  run: [table, landingBucket, platformBucket, queueUrl.run, queueUrl.shard, queueUrl.complete],
  shard: [table, platformBucket],
  complete: [table, queueUrl.export, queueUrl.archive],
  export: [table, platformBucket, exportsBucket, landingBucket, publicKeySecret],
  archive: [table, platformBucket, archiveBucket],
  reconcile: [
    ...[table, landingBucket, queueUrl.ingest, queueUrl.sync, queueUrl.schedule, queueUrl.run],
    ...[queueUrl.complete, queueUrl.job],
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
  reconcile: [table],
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
