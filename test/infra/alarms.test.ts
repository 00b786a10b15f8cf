import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { QUEUE_STAGES, STAGES } from '#contracts/stages';
import type { SynthesizedStack } from '../../local/template.ts';
import {
  functionsOf,
  type PolicyProperties,
  type Reference,
  referredTo,
  resourcesOf,
  SYNTHESIS_TIMEOUT_MS,
  synthesizedStack,
} from '../support/synthesized-stack.ts';

interface AlarmProperties {
  readonly AlarmDescription: string;
  readonly AlarmActions: readonly Reference[];
  readonly MetricName: string;
  readonly Dimensions: readonly {
    readonly Name: string;
    readonly Value: Reference & { readonly 'Fn::GetAtt'?: unknown };
  }[];
  readonly TreatMissingData: string;
}

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

let stack: SynthesizedStack;
beforeAll(async () => {
  stack = await synthesizedStack();
}, SYNTHESIS_TIMEOUT_MS);

const alarms = () => resourcesOf<AlarmProperties>(stack, 'AWS::CloudWatch::Alarm');
/** As `run: dead letters`. */
const headingOf = ({ AlarmDescription }: AlarmProperties) =>
  /docs\/runbook\.md, "(.+)"\.$/.exec(AlarmDescription)?.[1];
const runbookHeadings = () =>
  [...readFileSync(join(PROJECT, 'docs', 'runbook.md'), 'utf8').matchAll(/^## (.+)$/gm)].map(
    ([, text]) => text,
  );
const watched = (metric: string) =>
  alarms()
    .filter(({ properties }) => properties.MetricName === metric)
    .map(({ properties }) => referredTo(properties.Dimensions[0]?.Value));

test('every queue has an alarm: on messages that wait, or on dead letters that rest', () => {
  const queues = resourcesOf<{ RedrivePolicy?: unknown }>(stack, 'AWS::SQS::Queue');
  const deadLetters = queues.filter(({ properties }) => !properties.RedrivePolicy);
  const consumed = queues.filter(({ properties }) => properties.RedrivePolicy);
  expect(watched('ApproximateAgeOfOldestMessage').sort()).toEqual(
    consumed.map(({ logicalId }) => logicalId).sort(),
  );
  expect(watched('ApproximateNumberOfMessagesVisible').sort()).toEqual(
    deadLetters.map(({ logicalId }) => logicalId).sort(),
  );
  expect(consumed).toHaveLength(QUEUE_STAGES.length);
});

test.each(['Errors', 'Throttles'])('every function has an alarm on %s', (metric) => {
  expect(watched(metric).sort()).toEqual(
    functionsOf(stack)
      .map(({ logicalId }) => logicalId)
      .sort(),
  );
});

test.each([
  ['a run that failed', 'RunsFailed', 'run'],
  ['a datasource that refuses', 'DatasourcesFailing', 'reconcile'],
])('%s has an alarm, on a count that its stage makes', (_, metric, stage) => {
  const alarm = alarms().find(({ properties }) => properties.MetricName === metric);
  expect(alarm?.properties.Dimensions).toEqual([{ Name: 'stage', Value: stage }]);
  expect(new RegExp(`\\b${metric}\\b`).test(sourcesUnder(join(PROJECT, 'functions', stage)))).toBe(true);
});

test('every alarm goes to the topic, to which CloudWatch may publish', () => {
  const [topic, ...others] = resourcesOf(stack, 'AWS::SNS::Topic');
  expect(others).toEqual([]);
  const receivers = alarms().map(({ properties }) => properties.AlarmActions.map(referredTo));
  expect(receivers).toEqual(alarms().map(() => [topic?.logicalId]));
  const [policy] = resourcesOf<PolicyProperties>(stack, 'AWS::SNS::TopicPolicy');
  expect(policy?.properties.PolicyDocument.Statement).toContainEqual(
    expect.objectContaining({
      Effect: 'Allow',
      Action: 'sns:Publish',
      Principal: { Service: 'cloudwatch.amazonaws.com' },
    }),
  );
});

describe('the runbook', () => {
  test('has a heading for every alarm, each of its own', () => {
    const headings = alarms().map(({ properties }) => headingOf(properties));
    expect(new Set(headings).size).toBe(alarms().length);
    expect(runbookHeadings()).toEqual(expect.arrayContaining(headings));
  });

  test('has no heading of a stage that no alarm names', () => {
    const named = alarms().map(({ properties }) => headingOf(properties));
    const ofStages = runbookHeadings().filter((heading) =>
      STAGES.some((stage) => heading?.startsWith(`${stage}: `)),
    );
    expect(ofStages.filter((heading) => !named.includes(heading))).toEqual([]);
  });
});

test('the dashboard shows the stages in flow order, and counts that the stages really make', () => {
  const [dashboard] = resourcesOf<{ DashboardBody: unknown }>(stack, 'AWS::CloudWatch::Dashboard');
  const text = JSON.stringify(dashboard?.properties.DashboardBody);
  const order = [...text.matchAll(/"title\\*":\\*"(\w+): work/g)].map(([, stage]) => stage);
  expect(order).toEqual([...STAGES]);
  const counts = [...text.matchAll(/Winnow\\*",\\*"(\w+)\\*",\\*"stage/g)].map(([, name]) => name!);
  const sources = ['functions', 'layers/runtime'].map((folder) => sourcesUnder(join(PROJECT, folder))).join();
  expect(counts.length).toBeGreaterThan(10);
  expect(counts.filter((name) => !new RegExp(`\\b${name}\\b`).test(sources))).toEqual([]);
});

const sourcesUnder = (directory: string): string =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(directory, name), 'utf8'))
    .join('\n');
