import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { builtInWorkerOf, registerImage } from '../support/built-in-worker.ts';
import { type CliWorld, startCliWorld } from '../support/cli-world.ts';
import { waitUntil } from '../support/program.ts';

let cli: CliWorld;
beforeAll(async () => {
  cli = await startCliWorld();
});
afterAll(() => cli?.stop());

const runs = (...parameters: string[]) => cli.winnow(['runs', ...parameters]);
const linesOf = (text: string): string[] => text.trimEnd().split('\n');

async function datasetWithImages(name: string): Promise<string> {
  const datasetId = await cli.client.createDataset(name);
  for (const file of ['a.jpg', 'b.jpg', 'c.jpg']) await registerImage(cli.world, datasetId, file);
  return datasetId;
}
async function ensureDataset(name: string): Promise<void> {
  if (!(await cli.client.datasetNameExists(name))) await cli.client.createDataset(name);
}
const carryOut = (datasetId: string, scheduledId: string) =>
  builtInWorkerOf(cli.world).deliver({ datasetId, scheduledId });

test('a run is scheduled, carried out, watched, and what it made is listed and downloaded', async () => {
  const datasetId = await datasetWithImages('birds');
  const scheduled = await runs('schedule', 'birds', '--n-samples', '2');
  expect(scheduled).toEqual({ code: 0, stdout: expect.stringMatching(/^[0-9a-f]{24}\n$/), stderr: '' });
  const scheduledRunId = scheduled.stdout.trim();
  expect(await cli.json('runs', 'list', 'birds')).toMatchObject([{ scheduledRunId, state: 'OPEN' }]);

  const watching = cli.start(['runs', 'watch', 'birds', '--every', '1']);
  await waitUntil(watching.program, () => watching.program.output().includes('OPEN'));
  await carryOut(datasetId, scheduledRunId);
  const watched = await watching.ended;
  expect([watched.code, watched.stderr]).toEqual([0, '']);
  const states = linesOf(watched.stdout).map((line) => line.split(/ {2}/)[1]);
  expect([states[0], states.at(-1)]).toEqual(['OPEN', 'COMPLETED']);

  const { stdout: table } = await runs('list', 'birds');
  expect(table).toMatch(/^SCHEDULED RUN +RUN +STATE +CREATED \(UTC\)\n/);
  expect(linesOf(table)[1]).toMatch(new RegExp(`^${scheduledRunId}  [0-9a-f]{24}  COMPLETED  20`));
  expect(linesOf(table).every((line) => line.length <= 100)).toBe(true);
  const [{ runId }] = await cli.json('runs', 'list', 'birds');
  expect((await runs('list')).stdout).toContain(`${runId}  ${datasetId}  COMPLETED`);

  expect((await runs('logs', 'birds')).stdout).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}INFO +\w+ {2}\S/);
  const { stdout: log } = await runs('logs', 'birds', runId, '--json');
  for (const line of linesOf(log)) expect(JSON.parse(line)).toHaveProperty('msg');

  const artifacts: { type: string; fileName: string }[] = await cli.json(
    'runs',
    'artifacts',
    'birds',
    scheduledRunId,
  );
  const { stdout } = await runs('artifacts', 'birds', '--out', 'made');
  for (const { type, fileName } of artifacts) expect(stdout).toMatch(new RegExp(`${type} +${fileName}`));
  expect(readdirSync(join(cli.folder, 'made')).sort()).toEqual(
    artifacts.map(({ fileName }) => fileName).sort(),
  );
  expect(
    await cli.json('runs', 'artifacts', 'birds', '--type', 'REPORT_V2_JSON', '--out', 'report'),
  ).toHaveLength(1);
  const [report = ''] = readdirSync(join(cli.folder, 'report'));
  expect(JSON.parse(readFileSync(join(cli.folder, 'report', report), 'utf8'))).toHaveProperty(
    'generalInformation',
  );
});

describe('winnow runs schedule', () => {
  test('takes a selection from a file, and the choices of the command line before it', async () => {
    const datasetId = await datasetWithImages('chosen birds');
    const strategies = [{ input: { type: 'RANDOM' }, strategy: { type: 'WEIGHTS' } }];
    const config = { worker_config: { use_datapool: false }, selection_config: { n_samples: 3, strategies } };
    writeFileSync(join(cli.folder, 'config.json'), JSON.stringify(config));
    const parameters = ['schedule', 'chosen birds', '--config', 'config.json', '--proportion', '0.5'];
    const { scheduledRunId } = await cli.json(
      'runs',
      ...parameters,
      '--priority',
      'HIGH',
      '--runs-on',
      'gpu',
    );
    const [scheduled] = await cli.world.call('get_docker_runs_scheduled_by_dataset_id', {
      path: { datasetId },
    });
    expect(scheduled).toMatchObject({ id: scheduledRunId, priority: 'HIGH', runsOn: ['gpu'] });
    const configId = scheduled?.configId as string;
    const kept = await cli.world.call('get_docker_worker_config_vxby_id', { path: { configId } });
    expect(kept.config).toMatchObject({
      docker: { useDatapool: false },
      selection: { proportionSamples: 0.5, strategies },
    });
    expect(kept.config).not.toHaveProperty('selection.nSamples');
  });

  test.each([
    { what: 'no amount', parameters: [], says: '--n-samples' },
    {
      what: 'two amounts',
      parameters: ['--n-samples', '1', '--proportion', '0.1'],
      says: 'cannot be used with',
    },
    { what: 'a proportion above one', parameters: ['--proportion', '2'], says: '0.1' },
    { what: 'no JSON', parameters: ['--config', '-'], input: '{', says: 'not JSON' },
    { what: 'half a config', parameters: ['--config', '-'], input: '{"workerConfig":{},"x":1}', says: "'x'" },
    {
      what: 'an option that does not exist',
      parameters: ['--config', '-'],
      input: '{"workerConfig":{"use_datapol":true}}',
      says: "Did you mean 'use_datapool'?",
    },
    {
      what: 'a strategy that does not exist',
      parameters: ['--config', '-'],
      input: '{"n_samples":1,"strategies":[{"input":{"type":"EMBEDDINGS"},"strategy":{"type":"NONE"}}]}',
      says: 'strategies',
    },
  ])('refuses $what: 2', async ({ parameters, input, says }) => {
    await ensureDataset('unscheduled');
    const ended = await cli.winnow(['runs', 'schedule', 'unscheduled', ...parameters], {
      ...(input && { input }),
    });
    expect(ended).toEqual({ code: 2, stdout: '', stderr: expect.stringContaining(says) });
    expect(await cli.json('runs', 'list', 'unscheduled')).toEqual([]);
  });
});

describe('runs that do not complete', () => {
  test('a run is canceled; watching it ends with 6', async () => {
    await datasetWithImages('canceled birds');
    const { scheduledRunId } = await cli.json('runs', 'schedule', 'canceled birds', '--n-samples', '1');
    expect((await runs('cancel', 'canceled birds')).stdout).toBe(`${scheduledRunId} is canceled\n`);
    expect(await cli.json('runs', 'list', 'canceled birds')).toMatchObject([{ state: 'CANCELED' }]);
    const { code, stdout, stderr } = await runs('watch', 'canceled birds', '--json');
    expect([code, JSON.parse(stdout)]).toMatchObject([6, { state: 'CANCELED_OR_NOT_EXISTING' }]);
    expect(stderr).toContain('ended as CANCELED');
  });

  test('a run that is aborted ends scheduling with --watch with 6', async () => {
    const datasetId = await datasetWithImages('full birds');
    const first = await cli.json('runs', 'schedule', 'full birds', '--n-samples', '1');
    await carryOut(datasetId, first.scheduledRunId);
    const parameters = ['--n-samples', '1', '--no-datapool', '--watch', '--json'];
    const { program, ended } = cli.start(['runs', 'schedule', 'full birds', ...parameters]);
    await waitUntil(program, () => program.output().includes('OPEN'));
    await carryOut(datasetId, JSON.parse(linesOf(program.output())[0] as string).scheduledRunId);
    const { code, stdout, stderr } = await ended;
    expect([code, stderr]).toEqual([6, 'The run ended as ABORTED.\n']);
    expect(JSON.parse(linesOf(stdout).at(-1) as string)).toMatchObject({ state: 'ABORTED' });
  });

  test('Ctrl-C ends the watching, not the run', async () => {
    await datasetWithImages('patient birds');
    await cli.json('runs', 'schedule', 'patient birds', '--n-samples', '1');
    const { program, ended } = cli.start(['runs', 'watch', 'patient birds']);
    await waitUntil(program, () => program.output().includes('OPEN'));
    program.child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(await cli.json('runs', 'list', 'patient birds')).toMatchObject([{ state: 'OPEN' }]);
  });

  test.each([
    { what: 'a dataset without runs', parameters: ['watch', 'lonely birds'] },
    { what: 'a run of no dataset', parameters: ['watch', 'lonely birds', 'f'.repeat(24)] },
    { what: 'a run of another dataset', parameters: ['cancel', 'lonely birds', 'birds'] },
    { what: 'artifacts of no run', parameters: ['artifacts', 'lonely birds'] },
    { what: 'logs of no run', parameters: ['logs', 'lonely birds', 'nothing'] },
  ])('$what: 3', async ({ parameters }) => {
    await ensureDataset('lonely birds');
    const { code, stdout, stderr } = await runs(...parameters);
    expect([code, stdout, stderr]).toEqual([3, '', expect.stringMatching(/^There is no run .*\n$/)]);
  });
});
