import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import type { SynthesizedStack } from '../../local/template.ts';
import { resourcesOf, SYNTHESIS_TIMEOUT_MS, synthesizedStack } from '../support/synthesized-stack.ts';

const costs = readFileSync(new URL('../../docs/costs.md', import.meta.url), 'utf8');

let stack: SynthesizedStack;
beforeAll(async () => {
  stack = await synthesizedStack();
}, SYNTHESIS_TIMEOUT_MS);

test.each([
  ['AWS::CloudWatch::Alarm', /^\| alarms \| (\d+) × /m],
  ['AWS::Lambda::EventSourceMapping', /^\| waiting for messages \| (\d+) queues × /m],
  ['AWS::SecretsManager::Secret', /^\| secrets: [^|]+ \| (\d+) × /m],
])('the page on costs counts each %s of the template', (type, row) => {
  expect(Number(row.exec(costs)?.[1])).toBe(resourcesOf(stack, type).length);
});

test('the costs of the installation add up', () => {
  const [, chapter = ''] = costs.split('## The installation');
  const table = chapter.split('\n').filter((line) => /^\|.*\d \|$|^\|.*\*\* \|$/.test(line));
  const amounts = table.map((line) => Number(line.split('|').at(-2)?.replaceAll('*', '')));
  const end = table.findIndex((line) => line.includes('**sum**'));
  const sum = amounts.slice(0, end).reduce((total, amount) => total + amount, 0);
  expect(end).toBeGreaterThan(5);
  expect(amounts[end]).toBeCloseTo(sum, 2);
});
