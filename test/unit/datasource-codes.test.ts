import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { DATASOURCE_PROBLEM_CODES } from '#contracts/errors';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** What the first cells of the tables of a chapter name. */
function explainedIn(heading: string): string[] {
  const [, rest = ''] = read('docs/datasources.md').split(`\n### ${heading}\n`);
  const chapter = rest.split(/\n##+ /)[0] ?? '';
  return chapter
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((row) => row.split('|')[1]?.match(/(?<=`)[\w-]+(?=`)/g) ?? []);
}

test('docs/datasources.md explains every code of a problem, and no other', () => {
  expect(explainedIn('Problem codes').toSorted()).toEqual(DATASOURCE_PROBLEM_CODES.toSorted());
});

test('docs/datasources.md explains every reason why an object is no image', () => {
  const sources = ['layers/platform/datasources/input/input-filter.ts', 'functions/sync/list-part.ts'];
  const reasons = sources.flatMap((path) => [...read(path).matchAll(/skipped: '([\w-]+)'/g)]);
  const named = reasons.map(([, reason]) => reason);
  expect(named).toEqual(expect.arrayContaining(['folder', 'too-young', 'left-behind']));
  expect(explainedIn('Its images')).toEqual(expect.arrayContaining(named));
});
