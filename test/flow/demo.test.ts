import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { EXPORT_FILE_NAMES } from '#contracts/s3-keys';
import { EXPORT_FORMATS } from '#contracts/settings';
import { ensureAssembly } from '../../local/assembly.ts';
import { fileNamesIn } from '../support/export-files.ts';
import { photo } from '../support/photos.ts';
import { isAlive, killPrograms, runProgram, startProgram, waitUntil } from '../support/program.ts';

let home: string;
let temporary: string;
beforeAll(async () => {
  await ensureAssembly();
  home = mkdtempSync(join(tmpdir(), 'winnow-demo-test-'));
  temporary = join(home, 'temporary');
  mkdirSync(temporary);
  for (let scene = 0; scene < 6; scene++) write(`photos/place-${scene % 2}/${scene}.jpg`, await photo(scene));
  write('photos/place-0/copy of 0.jpg', await photo(0));
  write('photos/broken.jpg', (await photo(7)).subarray(0, 900));
  write('photos/empty.png', Buffer.alloc(0));
  write('photos/drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>');
  write('photos/README', 'no photo');
}, 60_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));
afterEach(killPrograms);

function write(file: string, content: string | Buffer): void {
  mkdirSync(dirname(join(home, file)), { recursive: true });
  writeFileSync(join(home, file), content);
}
const read = (file: string): string => readFileSync(join(home, file), 'utf8');
const inHome = () => ({ cwd: home, env: { TMPDIR: temporary } });
const demo = (...parameters: string[]) => runProgram('cli/main.ts', ['demo', ...parameters], inHome());
const startDemo = (...parameters: string[]) =>
  startProgram('cli/main.ts', ['demo', '--images', 'photos', ...parameters], inHome());

describe('a demo on a folder', () => {
  const out = 'demo-output';
  let result: { code: number | null; output: string };
  let summary: Record<string, unknown> & {
    exports: { format: keyof typeof EXPORT_FILE_NAMES; file: string; rows: number }[];
    archive: string;
    report: { html: string; pdf: string; choices: string };
    thumbnails: string;
    runId: string;
    seconds: Record<string, number>;
  };
  beforeAll(async () => {
    write('demo-output/summary.json', 'of an earlier demo');
    write('demo-output/archive/0123456789abcdef01234567.zip', 'of an earlier demo');
    write('demo-output/archive/mine.zip', 'foreign');
    write('demo-output/notes.txt', 'foreign');
    result = await demo('--images', 'photos', '--select', '3');
    summary = JSON.parse(read('demo-output/summary.json'));
  }, 60_000);

  test('succeeds, and its summary has exactly the documented fields', () => {
    expect(result.code).toBe(0);
    const { exports, archive, report, thumbnails, runId, seconds, ...counts } = summary;
    expect(counts).toEqual({
      images: 'photos',
      received: 10,
      corrupt: 2,
      unsupported: 1,
      duplicates: 1,
      candidates: 6,
      selected: 3,
      dataset: 'demo',
    });
    expect(runId).toMatch(/^[0-9a-f]{24}$/);
    expect(exports.map(({ format }) => format).toSorted()).toEqual([...EXPORT_FORMATS].sort());
    for (const row of exports) expect(Object.keys(row)).toEqual(['format', 'file', 'rows']);
    expect({ archive, thumbnails }).toEqual({ archive: `archive/${runId}.zip`, thumbnails: 'selection.jpg' });
    expect(report).toEqual({ html: 'report.html', pdf: 'report.pdf', choices: 'selection.csv' });
    expect(Object.keys(seconds)).toEqual(['boot', 'upload', 'ingest', 'schedule', 'run', 'export', 'total']);
    const { total, ...steps } = seconds;
    for (const step of Object.values(steps)) expect(step).toBeGreaterThan(0);
    expect(total).toBeGreaterThan(Object.values(steps).reduce((sum, step) => sum + step, 0) - 0.1);
  });

  test('fills every export with exactly the selection', () => {
    const chosen = read(join(out, 'exports/filenames.txt')).trimEnd().split('\n').sort();
    expect(chosen).toHaveLength(3);
    for (const { format, file, rows } of summary.exports) {
      expect(file).toBe(`exports/${EXPORT_FILE_NAMES[format]}`);
      expect(rows).toBe(3);
      const names = fileNamesIn(EXPORT_FILE_NAMES[format], read(join(out, file)));
      // Where a format has the URL only, its last part is the name without the folder.
      const lastParts = (all: string[]) => all.map((name) => name.split('/').at(-1)).sort();
      expect(lastParts(names)).toEqual(lastParts(chosen));
    }
  });

  test('shows the selection on a sheet', async () => {
    const { format, width } = await sharp(join(home, out, summary.thumbnails)).metadata();
    expect({ format, width }).toEqual({ format: 'jpeg', width: 3 * 136 + 24 });
  });

  test('brings the report of the run along, and what became of every candidate', () => {
    expect(read(join(out, 'report.html'))).toContain(summary.runId);
    expect(read(join(out, 'report.pdf'))).toMatch(/^%PDF-/);
    const rows = read(join(out, 'selection.csv')).trimEnd().split('\n').slice(1);
    expect(rows.filter((row) => row.includes(',selected,'))).toHaveLength(3);
  });

  test('replaces what an earlier demo left, and nothing else', () => {
    const files = readdirSync(join(home, out)).toSorted();
    expect(files).toEqual([
      ...['archive', 'exports', 'notes.txt', 'report.html', 'report.pdf'],
      ...['selection.csv', 'selection.jpg', 'summary.json'],
    ]);
    expect(readdirSync(join(home, out, 'archive')).toSorted()).toEqual(
      [`${summary.runId}.zip`, 'mine.zip'].toSorted(),
    );
    expect(read(join(out, 'notes.txt'))).toBe('foreign');
  });

  test('tells the stages, the counts, the places and what it left out, without colours or bars', () => {
    const { output } = result;
    expect(output).toMatch(/left out 1 without an extension: README/);
    for (const step of ['upload', 'ingest', 'schedule', 'run'])
      expect(output).toMatch(new RegExp(`^${step} `, 'm'));
    expect(output).toMatch(/duplicates +│ +1 /);
    for (const { file } of summary.exports) expect(output).toContain(join(out, file));
    expect(output).toMatch(/sub-folders/);
    expect(output).not.toContain('\u001b');
  });

  test('leaves nothing behind but its output', () => {
    expect(readdirSync(temporary)).toEqual([]);
    expect(readdirSync(home).toSorted()).toEqual(['demo-output', 'photos', 'temporary']);
  });
});

test('a demo on nothing but broken files succeeds with nothing selected', async () => {
  write('broken/a.jpg', 'no image');
  write('broken/b.jpg', Buffer.alloc(0));
  const { code, output } = await demo('--images', 'broken', '--out', 'broken-out');
  expect({ code, output }).toEqual({ code: 0, output: expect.any(String) });
  expect(JSON.parse(read('broken-out/summary.json'))).toMatchObject({
    received: 2,
    candidates: 0,
    selected: 0,
  });
}, 60_000);

describe('called wrongly, a demo starts nothing', () => {
  test.each([
    { parameters: ['--select', 'many'], says: '--select' },
    { parameters: ['--select', '101%'], says: '--select' },
    { parameters: ['--images', 'missing'], says: "--images: there is no folder 'missing'" },
    { parameters: ['--images', 'photos/README'], says: "--images: 'photos/README' is a file" },
    { parameters: ['--images', 'photos', '--out', 'photos/README'], says: '--out: ' },
    { parameters: ['--images', 'photos', '--out', 'photos'], says: '--out: choose a folder other than' },
    { parameters: ['--image', 'photos'], says: 'Did you mean --images?' },
    { parameters: ['photos'], says: 'too many arguments' },
  ])('$parameters: says "$says"', async ({ parameters, says }) => {
    const { code, output } = await demo(...parameters);
    expect({ code, output }).toEqual({ code: 2, output: expect.stringContaining(says) });
    expect(output).not.toMatch(/^cloud|^ +at /m);
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe('Ctrl-C', () => {
  test.each(['upload', 'ingest'])(
    'after the %s ends the demo and all its processes, and removes its files',
    async (step) => {
      const program = startDemo('--out', 'interrupted');
      await waitUntil(program, () => program.output().includes(`\n${step} `));
      const processes = program.processes();
      program.child.kill('SIGINT');
      const begin = Date.now();
      expect((await program.exited).code).toBe(130);
      expect(Date.now() - begin).toBeLessThan(10_000);
      expect(processes.filter(isAlive)).toEqual([]);
      expect(readdirSync(temporary)).toEqual([]);
      expect(existsSync(join(home, 'interrupted', 'summary.json'))).toBe(false);
    },
    60_000,
  );

  test('ends what --keep has kept, with success', async () => {
    const program = startDemo('--out', 'kept', '--keep');
    await waitUntil(program, () => program.output().includes('Ctrl-C ends it'));
    const [, endpoint = ''] = /^cloud .*(http:\S+)/m.exec(program.output()) ?? [];
    expect((await fetch(endpoint)).status).toBe(403);
    expect(existsSync(join(home, 'kept', 'summary.json'))).toBe(true);
    const processes = program.processes();
    program.child.kill('SIGINT');
    expect((await program.exited).code).toBe(0);
    expect(processes.filter(isAlive)).toEqual([]);
    await expect(fetch(endpoint)).rejects.toThrow();
    expect(readdirSync(temporary)).toEqual([]);
  }, 60_000);
});
