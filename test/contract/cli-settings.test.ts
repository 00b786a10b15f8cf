import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { datasetStore } from '#aws/dataset-store';
import { inputBucketStore } from '#aws/input-bucket-store';
import { datasetSettings } from '#contracts/settings';
import { startTableServer, type TableServer } from '../support/aws-servers.ts';
import { deploymentVariables } from '../support/deployment-variables.ts';
import { killPrograms, runProgram } from '../support/program.ts';

let server: TableServer;
let folder: string;
let variables: NodeJS.ProcessEnv;
beforeAll(async () => {
  server = await startTableServer();
  folder = mkdtempSync(join(tmpdir(), 'winnow-settings-'));
  variables = await deploymentVariables(server);
});
afterAll(async () => {
  killPrograms();
  rmSync(folder, { recursive: true, force: true });
  await server?.stop();
});

const settings = (parameters: readonly string[], input = '', env = variables) =>
  runProgram('cli/main.ts', ['settings', ...parameters], { env, input });
const DEFAULTS = datasetSettings.parse({});

describe('winnow settings', () => {
  test('set makes the dataset and prints all its settings; show prints the same', async () => {
    const file = join(folder, 'settings.json');
    writeFileSync(file, JSON.stringify({ schedule: { minNewImages: 100 }, exports: { formats: ['csv'] } }));
    const set = await settings(['set', 'birds', file]);
    expect(set.code).toBe(0);
    expect(JSON.parse(set.output)).toEqual({
      ...DEFAULTS,
      schedule: { ...DEFAULTS.schedule, minNewImages: 100 },
      exports: { ...DEFAULTS.exports, formats: ['csv'] },
    });
    expect(await settings(['show', 'birds'])).toEqual(set);
  });

  test('set reads standard input; {} brings the defaults back', async () => {
    await settings(['set', 'plants', '-'], '{"schedule":{"minNewImages":7}}');
    const { code, output } = await settings(['set', 'plants', '-'], '{}');
    expect({ code, settings: JSON.parse(output) }).toEqual({ code: 0, settings: DEFAULTS });
  });

  test('the bucket behind an access point is one whose events are for the dataset; patterns that can not be meant are refused', async () => {
    const input = { eventBucket: 'behind-the-point', include: ['**/*.png'], minBytes: 10 };
    const { code, output } = await settings(['set', 'points', '-'], JSON.stringify({ input }));
    expect({ code, settings: JSON.parse(output) }).toMatchObject({ code: 0, settings: { input } });
    const dataset = await datasetStore(server.table).findByName('points');
    expect(await inputBucketStore(server.table).datasetsIn('behind-the-point')).toEqual([dataset?.id]);
    await settings(['set', 'points', '-'], '{}');
    expect(await inputBucketStore(server.table).datasetsIn('behind-the-point')).toEqual([]);
    const refused = await settings(['set', 'points', '-'], '{"input":{"include":["**","{a"]}}');
    expect(refused).toEqual({ code: 2, output: expect.stringContaining('input.include[1]: ') });
  });

  test('show needs the table only, and takes it from the option first', async () => {
    await settings(['set', 'stones', '-'], '{}');
    const { WINNOW_TABLE: table = '', ...rest } = variables;
    const env = { ...rest, WINNOW_LANDING_BUCKET: '', WINNOW_PLATFORM_BUCKET: '', WINNOW_TABLE: 'another' };
    expect((await settings(['show', 'stones', '--table', table], '', env)).code).toBe(0);
  });

  test('show fails for a dataset that does not exist, and names it', async () => {
    expect(await settings(['show', 'nothing here'])).toEqual({
      code: 3,
      output: "There is no dataset 'nothing here'.\n",
    });
  });

  test.each([
    {
      what: 'a field that does not exist',
      document: '{"schedule":{"quiet":5}}',
      names: /^The settings document is not valid\. schedule.*quiet/,
    },
    {
      what: 'a field of input that does not exist',
      document: '{"input":{"exclud":[]}}',
      names: /input: there is no field exclud; expected include, exclude, /,
    },
    {
      what: 'a value out of range',
      document: '{"schedule":{"minNewImages":0}}',
      names: /schedule\.minNewImages/,
    },
    { what: 'a value of another type', document: '{"exports":{"formats":"csv"}}', names: /exports\.formats/ },
    {
      what: 'a selection that the worker does not support',
      document:
        '{"run":{"selection":{"nSamples":5,"strategies":[{"input":{"type":"EMBEDDINGS"},"strategy":{"type":"SIMILARITY"}}]}}}',
      names: /strategies\[0\]/,
    },
    { what: 'something that is not JSON', document: '{schedule:', names: /'-' is not JSON/ },
    { what: 'nothing', document: '', names: /'-' is not JSON/ },
  ])('set refuses $what, says where it is, and changes nothing', async ({ document, names }) => {
    await settings(['set', 'fish', '-'], '{"schedule":{"minNewImages":3}}');
    const { code, output } = await settings(['set', 'fish', '-'], document);
    expect(code).toBe(2);
    expect(output).toMatch(names);
    expect(output.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse((await settings(['show', 'fish'])).output).schedule.minNewImages).toBe(3);
  });

  test('set refuses an invalid dataset name and a file that is not there', async () => {
    expect(await settings(['set', '-x', '-'], '{}')).toMatchObject({ code: 2 });
    const name = await settings(['set', 'ab', '-'], '{}');
    expect(name).toMatchObject({ code: 2, output: expect.stringContaining('3 or more characters') });
    const file = await settings(['set', 'birds', join(folder, 'missing.json')]);
    expect(file).toMatchObject({ code: 2, output: expect.stringContaining('missing.json') });
  });

  test('names the options that are missing, and the variables that may stand for them', async () => {
    const without = { ...variables, WINNOW_TABLE: '', WINNOW_LANDING_BUCKET: '' };
    const set = await settings(['set', 'birds', '-'], '{}', without);
    expect(set).toMatchObject({ code: 2, output: expect.stringContaining('--table') });
    const help = await settings(['set', '--help'], '', without);
    expect(help).toMatchObject({ code: 0, output: expect.stringContaining('$WINNOW_TABLE') });
  });

  test('two writers at once: the outcome is the whole document of one of them', async () => {
    await settings(['set', 'clouds', '-'], '{}');
    const document = (count: number) =>
      JSON.stringify({ schedule: { minNewImages: count, priority: count === 11 ? 'HIGH' : 'LOW' } });
    const outcomes = await Promise.all(
      [11, 22].map((count) => settings(['set', 'clouds', '-'], document(count))),
    );
    const winners = outcomes.filter(({ code }) => code === 0);
    expect(winners.length).toBeGreaterThan(0);
    for (const { code, output } of outcomes) {
      if (code !== 0) expect({ code, output }).toEqual({ code: 5, output: expect.stringMatching(/changed/) });
    }
    const { output } = await settings(['show', 'clouds']);
    expect(winners.map((winner) => winner.output)).toContain(output);
  });
});
