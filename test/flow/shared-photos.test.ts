import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { type Flow, startFlow } from '../support/flow.ts';
import { killPrograms, runProgram } from '../support/program.ts';
import { describeWithData } from '../support/shared-data.ts';
import { unzip } from '../support/unzip.ts';

describeWithData('a demo on 343 photos of clothes', 'data/clothing', (photos) => {
  let out: string;
  beforeAll(() => {
    out = mkdtempSync(join(tmpdir(), 'winnow-clothing-'));
  });
  afterAll(() => rmSync(out, { recursive: true, force: true }));
  afterEach(killPrograms);

  test('receives all, selects 50 and represents every category', async () => {
    const files = readdirSync(photos, { recursive: true, encoding: 'utf8' });
    const count = files.filter((name) => name.endsWith('.jpg')).length;
    const categories = new Set(
      files.filter((name) => name.endsWith('.jpg')).map((name) => name.split('/')[0]),
    );
    const { code, output } = await runProgram('cli/main.ts', [
      ...['demo', '--images', photos, '--select', '50', '--out', out],
    ]);
    expect({ code, output }).toEqual({ code: 0, output: expect.any(String) });
    const summary = JSON.parse(readFileSync(join(out, 'summary.json'), 'utf8'));
    expect(summary).toMatchObject({ received: count, corrupt: 0, unsupported: 0, selected: 50 });
    expect(summary.exports.map(({ rows }: { rows: number }) => rows)).toEqual(summary.exports.map(() => 50));
    const selected = readFileSync(join(out, 'exports/filenames.txt'), 'utf8').trimEnd().split('\n');
    expect(new Set(selected.map((name) => name.split('/')[0]))).toEqual(categories);
    expect(categories.size).toBe(10);
    expect(output).toContain(`All ${categories.size} sub-folders are represented`);
  }, 120_000);
});

/** What a row of `selection.csv` may say became of a file. */
const OUTCOMES = ['selected', 'not-selected', 'duplicate', 'corrupt', 'unsupported'];
const MEBIBYTE = 1024 * 1024;

describeWithData('odd files of all kinds', 'data/odd', (folder) => {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.includes('.'),
  );
  let flow: Flow;
  beforeAll(async () => {
    flow = await startFlow();
    await flow.configure('odd files', { schedule: { minNewImages: names.length } });
    for (const name of names) await flow.put(`odd files/${name}`, readFileSync(join(folder, name)));
    await flow.cloud.idle();
  }, 120_000);
  afterAll(() => flow?.close());

  test('have exactly one outcome each, with a reason, in the archive', async () => {
    const { runs } = await flow.outcome('odd files');
    expect(runs.map(({ state }) => state)).toEqual(['COMPLETED']);
    const archive = await flow.client.objects.open(runs[0]!.archive!);
    const [, ...rows] = (await unzip(await buffer(archive!.body)))
      .get('selection.csv')!
      .toString()
      .trimEnd()
      .split(/\r?\n/);
    const outcomes = rows.map((row) => row.split(','));
    expect(outcomes.map(([name]) => name).toSorted()).toEqual(names.toSorted());
    for (const [, outcome = '', ...reason] of outcomes) {
      expect(OUTCOMES).toContain(outcome);
      expect(reason.join(',').replaceAll(/[",]/g, '').trim()).not.toBe('');
    }
  });

  test('kill no process, leave no dead letter, and take less than 700 MB', () => {
    const { ingest } = flow.cloud.statistics();
    expect(ingest!.invocations).toBeGreaterThan(0);
    for (const [stage, { killed, errors }] of Object.entries(flow.cloud.statistics())) {
      expect({ stage, killed, errors }).toEqual({ stage, killed: 0, errors: 0 });
    }
    expect(flow.cloud.deadLetters()).toEqual({});
    expect(ingest!.peakRssBytes / MEBIBYTE).toBeLessThan(700);
  });
});
