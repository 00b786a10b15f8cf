import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { InterruptedError } from '../../cli/interruption.ts';
import { writeText } from '../../cli/output-file.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'winnow-output-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('a file that is interrupted is not there, and what was there before stays', async () => {
  const interruption = new AbortController();
  async function* chunks() {
    yield 'first';
    interruption.abort(new InterruptedError());
    yield 'second';
  }
  const file = join(folder, 'tasks.json');
  writeFileSync(file, 'before');
  const { signal } = interruption;
  await expect(writeText(file, chunks(), { signal })).rejects.toThrow(InterruptedError);
  expect(readdirSync(folder)).toEqual(['tasks.json']);
  expect(readFileSync(file, 'utf8')).toBe('before');
});

test('a file whose source fails is not there, and neither is half of it', async () => {
  async function* chunks() {
    yield 'first';
    throw new Error('no more');
  }
  await expect(writeText(join(folder, 'a', 'b.json'), chunks(), {})).rejects.toThrow('no more');
  expect(readdirSync(join(folder, 'a'))).toEqual([]);
});
