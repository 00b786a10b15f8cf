import { beforeAll, describe, expect, test } from '@jest/globals';
import { OUTPUTS } from '#contracts/stages';
import { eventPattern, matchesPattern } from '../../local/event-pattern.ts';
import type { SynthesizedStack } from '../../local/template.ts';
import {
  allReferredTo,
  functionsOf,
  type PolicyProperties,
  type Reference,
  referredTo,
  resourcesOf,
  type Statement,
  SYNTHESIS_TIMEOUT_MS,
  synthesizedStack,
} from '../support/synthesized-stack.ts';

interface RuleProperties {
  readonly EventBusName?: Reference;
  readonly EventPattern?: unknown;
  readonly Targets: readonly {
    readonly Arn: Reference;
    readonly DeadLetterConfig?: { readonly Arn: Reference };
  }[];
}

let stack: SynthesizedStack;
beforeAll(async () => {
  stack = await synthesizedStack();
}, SYNTHESIS_TIMEOUT_MS);

const outputOf = (name: keyof typeof OUTPUTS) =>
  referredTo(stack.template.Outputs[OUTPUTS[name]]?.Value as Reference)!;
const rulesOfEvents = () =>
  resourcesOf<RuleProperties>(stack, 'AWS::Events::Rule').filter(({ properties }) => properties.EventPattern);
/** Who may send to the queue of ingest. */
const senders = (queue = outputOf('ingestQueueArn')): Statement[] =>
  resourcesOf<PolicyProperties & { readonly Queues: readonly Reference[] }>(stack, 'AWS::SQS::QueuePolicy')
    .filter(({ properties }) => properties.Queues.some((each) => referredTo(each) === queue))
    .flatMap(({ properties }) => [...properties.PolicyDocument.Statement])
    .filter(({ Effect }) => Effect === 'Allow');
const ofService = (statements: readonly Statement[], name: string) =>
  statements.filter(
    ({ Principal }) => (Principal as { Service?: string }).Service === `${name}.amazonaws.com`,
  );

describe('the bus for events of buckets elsewhere', () => {
  test('leads to the queue of ingest, and to its dead letters where that does not take them', () => {
    const [rule, ...others] = rulesOfEvents();
    expect(others).toEqual([]);
    expect(referredTo(rule?.properties.EventBusName)).toBe(outputOf('eventBusArn'));
    const [target, ...otherTargets] = rule?.properties.Targets ?? [];
    expect(otherTargets).toEqual([]);
    expect(referredTo(target?.Arn)).toBe(outputOf('ingestQueueArn'));
    const queues = resourcesOf<{ RedrivePolicy?: { deadLetterTargetArn: Reference } }>(
      stack,
      'AWS::SQS::Queue',
    );
    const ingest = queues.find(({ logicalId }) => logicalId === outputOf('ingestQueueArn'));
    const deadLetters = referredTo(ingest?.properties.RedrivePolicy?.deadLetterTargetArn);
    expect(referredTo(target?.DeadLetterConfig?.Arn)).toBe(deadLetters);
    for (const queue of [outputOf('ingestQueueArn'), deadLetters]) {
      const [sender, ...otherSenders] = ofService(senders(queue), 'events');
      expect(otherSenders).toEqual([]);
      expect(allReferredTo(sender?.Condition?.ArnEquals?.['aws:SourceArn'])).toEqual([rule?.logicalId]);
    }
  });

  test.each([
    ['aws.s3', 'Object Created', true],
    ['aws.s3', 'Object Deleted', true],
    ['aws.s3', 'Object Restore Completed', true],
    ['aws.s3', 'Object Tags Added', true],
    ['aws.s3', 'Object Tags Deleted', true],
    ['aws.s3', 'Object Storage Class Changed', false],
    ['of.somebody', 'Object Created', false],
  ])('lets %s say %s: %p', (source, type, passes) => {
    const pattern = eventPattern.parse(rulesOfEvents()[0]?.properties.EventPattern);
    expect(matchesPattern(pattern, { source, 'detail-type': type })).toBe(passes);
  });

  test('lets no account in unless it is named', () => {
    expect(resourcesOf(stack, 'AWS::Events::EventBusPolicy')).toEqual([]);
  });
});

test('besides EventBridge, only buckets of the account may send to the queue of ingest', () => {
  const others = senders().filter((statement) => ofService([statement], 'events').length === 0);
  expect(others).toEqual([
    expect.objectContaining({
      Action: 'sqs:SendMessage',
      Principal: { Service: 's3.amazonaws.com' },
      Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
    }),
  ]);
});

test('the API can tell owners of buckets where their events go', () => {
  const api = functionsOf(stack).find(({ properties }) => properties.Environment.Variables.STAGE === 'api')!;
  const { ACCOUNT_ID, EVENT_BUS_ARN, INGEST_QUEUE_ARN } = api.properties.Environment.Variables;
  expect([ACCOUNT_ID, EVENT_BUS_ARN, INGEST_QUEUE_ARN]).toEqual(
    (['accountId', 'eventBusArn', 'ingestQueueArn'] as const).map(
      (name) => stack.template.Outputs[OUTPUTS[name]]?.Value,
    ),
  );
});
