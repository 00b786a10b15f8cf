import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';

const PROJECT = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, PROJECT), 'utf8');

const sources = ['functions', 'layers'].flatMap((folder) =>
  readdirSync(new URL(folder, PROJECT), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.includes('node_modules'))
    .map((path) => read(`${folder}/${path}`)),
);
/** Of errors that make a message come back: thrown as they are, or as a class of their own. */
const retryableCodes = sources.flatMap((source) => [
  ...[...source.matchAll(/new (?:RetryableError|WinnowError)\(\s*'([A-Z_]+)'/g)].map(([, code]) => code),
  ...[...source.matchAll(/ extends RetryableError \{[^}]*?super\(\s*'([A-Z_]+)'/g)].map(([, code]) => code),
]);

test('the runbook says of every code that a message fails with what to do', () => {
  const [, chapter = ''] = read('docs/runbook.md').split('## Codes of failures');
  const rows = (chapter.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| `'));
  const explained = rows.flatMap((row) => row.split('|')[1]?.match(/(?<=`)[A-Z_]+(?=`)/g) ?? []);
  expect(retryableCodes).toEqual(
    expect.arrayContaining(['SERVICE_UNAVAILABLE', 'DAMAGED_ARCHIVE', 'IN_PROGRESS']),
  );
  expect(retryableCodes.filter((code) => !explained.includes(code ?? ''))).toEqual([]);
});
