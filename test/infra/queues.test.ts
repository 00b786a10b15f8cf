import { beforeAll, describe, expect, test } from '@jest/globals';
import { QUEUE_STAGES } from '#contracts/stages';
import type { SynthesizedStack } from '../../local/template.ts';
import {
  functionsOf,
  type Reference,
  referredTo,
  resourcesOf,
  SYNTHESIS_TIMEOUT_MS,
  synthesizedStack,
} from '../support/synthesized-stack.ts';

interface QueueProperties {
  readonly VisibilityTimeout?: number;
  readonly MessageRetentionPeriod: number;
  readonly SqsManagedSseEnabled?: boolean;
  readonly RedrivePolicy?: { readonly deadLetterTargetArn: Reference; readonly maxReceiveCount: number };
}
interface MappingProperties {
  readonly EventSourceArn: Reference;
  readonly FunctionName: Reference;
  readonly FunctionResponseTypes: readonly string[];
}

let stack: SynthesizedStack;
beforeAll(async () => {
  stack = await synthesizedStack();
}, SYNTHESIS_TIMEOUT_MS);

const queues = () => resourcesOf<QueueProperties>(stack, 'AWS::SQS::Queue');
const queue = (logicalId: string | undefined) => queues().find((each) => each.logicalId === logicalId)!;

function queueOf(stage: string) {
  const { logicalId, properties: lambda } = functionsOf(stack).find(
    ({ properties }) => properties.Environment.Variables.STAGE === stage,
  )!;
  const { properties: mapping } = resourcesOf<MappingProperties>(
    stack,
    'AWS::Lambda::EventSourceMapping',
  ).find(({ properties }) => referredTo(properties.FunctionName) === logicalId)!;
  return { lambda, mapping, ...queue(referredTo(mapping.EventSourceArn)) };
}

test('every queue is consumed by a stage or holds the dead letters of one', () => {
  const consumed = QUEUE_STAGES.map((stage) => queueOf(stage));
  const deadLetters = consumed.map(({ properties }) =>
    referredTo(properties.RedrivePolicy?.deadLetterTargetArn),
  );
  const expected = [...consumed.map(({ logicalId }) => logicalId), ...deadLetters].sort();
  expect(
    queues()
      .map(({ logicalId }) => logicalId)
      .sort(),
  ).toEqual(expected);
  expect(new Set(deadLetters).size).toBe(QUEUE_STAGES.length);
});

describe.each(QUEUE_STAGES)('the queue of %s', (stage) => {
  test('parks a message after eight receives, for longer than it keeps one', () => {
    const { properties } = queueOf(stage);
    expect(properties.RedrivePolicy?.maxReceiveCount).toBe(8);
    const deadLetters = queue(referredTo(properties.RedrivePolicy?.deadLetterTargetArn));
    expect(deadLetters.properties.RedrivePolicy).toBeUndefined();
    expect(deadLetters.properties.MessageRetentionPeriod).toBeGreaterThan(properties.MessageRetentionPeriod);
  });

  test('hides a message for six times the time that its function may take', () => {
    const { properties, lambda } = queueOf(stage);
    expect(properties.VisibilityTimeout).toBe(6 * lambda.Timeout);
  });

  test('takes back only the messages of a batch that failed', () => {
    expect(queueOf(stage).mapping.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
  });

  test('is encrypted, and so are its dead letters', () => {
    const { properties } = queueOf(stage);
    const deadLetters = queue(referredTo(properties.RedrivePolicy?.deadLetterTargetArn));
    expect(properties.SqsManagedSseEnabled).toBe(true);
    expect(deadLetters.properties.SqsManagedSseEnabled).toBe(true);
  });
});
