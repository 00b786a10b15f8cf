import { beforeAll, describe, expect, test } from '@jest/globals';
import { ENVIRONMENT, STAGES } from '#contracts/stages';
import type { SynthesizedStack } from '../../local/template.ts';
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

let stack: SynthesizedStack;
beforeAll(async () => {
  stack = await synthesizedStack();
}, SYNTHESIS_TIMEOUT_MS);

/** Variables with what a function tells others and does not use itself. */
const { apiUrl, accountId, eventBusArn, ingestQueueArn } = ENVIRONMENT;
const TOLD: readonly string[] = [apiUrl, accountId, eventBusArn, ingestQueueArn];

const functionOf = (stage: string) => {
  const { properties } = functionsOf(stack).find(
    (each) => each.properties.Environment.Variables.STAGE === stage,
  )!;
  return properties;
};

test('there is one function for each stage and no other', () => {
  const stages = functionsOf(stack).map(({ properties }) => properties.Environment.Variables.STAGE);
  expect(stages.sort()).toEqual([...STAGES].sort());
});

describe.each(STAGES)('the function of %s', (stage) => {
  test('runs on Node.js 24 on arm64 and is traced', () => {
    expect(functionOf(stage)).toMatchObject({
      Architectures: ['arm64'],
      Runtime: 'nodejs24.x',
      TracingConfig: { Mode: 'Active' },
    });
  });

  test('is deployable to a new account, which has 3,008 MiB and no concurrency to reserve', () => {
    expect(functionOf(stage).MemorySize).toBeLessThanOrEqual(3_008);
    expect(functionOf(stage).ReservedConcurrentExecutions).toBeUndefined();
  });

  test('logs to a group of its own that forgets', () => {
    const group = referredTo(functionOf(stage).LoggingConfig?.LogGroup);
    const groups = resourcesOf<{ RetentionInDays?: number }>(stack, 'AWS::Logs::LogGroup');
    expect(groups.find(({ logicalId }) => logicalId === group)?.properties.RetentionInDays).toBe(30);
    const users = functionsOf(stack).filter(
      ({ properties }) => referredTo(properties.LoggingConfig?.LogGroup) === group,
    );
    expect(users).toHaveLength(1);
  });

  test('knows only resources that it may use', () => {
    const usable = new Set(
      statementsOf(stack, functionOf(stage)).flatMap(({ Resource }) => allReferredTo(Resource)),
    );
    const known = Object.entries(functionOf(stage).Environment.Variables)
      .filter((entry): entry is [string, Reference] => typeof entry[1] !== 'string')
      // What it only writes down is nothing that it uses.
      .filter(([name]) => !TOLD.includes(name))
      .map(([name, value]) => ({ name, isUsable: usable.has(referredTo(value) ?? '') }));
    expect(known.length).toBeGreaterThan(0);
    expect(known.filter(({ isUsable }) => !isUsable)).toEqual([]);
  });

  test('is told of resources by the names that its config reads', () => {
    const { queueUrl, ...others } = ENVIRONMENT;
    const names = [...Object.values(others), ...Object.values(queueUrl), 'NODE_OPTIONS'];
    expect(names).toEqual(expect.arrayContaining(Object.keys(functionOf(stage).Environment.Variables)));
  });

  test('may use everything of a kind only where X-Ray knows no other way', () => {
    const unlimited = statementsOf(stack, functionOf(stage)).filter(({ Resource }) =>
      listed(Resource).includes('*'),
    );
    expect(unlimited.map(({ Action }) => Action)).toEqual([
      ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
    ]);
  });

  test('has wildcards neither in actions nor, but for keys of objects and roles of others, in resources', () => {
    for (const { Action, Resource } of statementsOf(stack, functionOf(stage))) {
      const actions = listed(Action);
      expect(actions.filter((action) => action.includes('*'))).toEqual([]);
      const isOnObjects = actions.every((action) => /^s3:.*(Object|MultipartUpload)/.test(action));
      const isOnEverything = listed(Resource).includes('*');
      const isOnRoles = actions.every((action) => action === 'sts:AssumeRole');
      if (!isOnObjects && !isOnEverything && !isOnRoles) expect(JSON.stringify(Resource)).not.toContain('*');
    }
  });

  test('never scans the table, and deletes objects only where datasets, embeddings, merged snapshots or verifications are', () => {
    const actions = statementsOf(stack, functionOf(stage)).flatMap(({ Action }) => listed(Action));
    const unusual = actions.filter((action) => /DeleteObject|dynamodb:Scan/.test(action));
    expect(unusual).toEqual(['job', 'api', 'run', 'reconcile'].includes(stage) ? ['s3:DeleteObject'] : []);
  });
});
