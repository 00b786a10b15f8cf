import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { builtInWorkerOf, registerImage } from '../support/built-in-worker.ts';
import { newId } from '../support/documents.ts';

let world: ApiWorld;
let builtIn: ReturnType<typeof builtInWorkerOf>;
beforeAll(async () => {
  world = await startApiWorld();
  builtIn = builtInWorkerOf(world);
});
afterAll(() => world.stop());

let made = 0;
const newDataset = async (token?: string): Promise<string> => {
  const body = { name: `with runs ${++made}` };
  return (await world.call('create_dataset', { body, ...(token && { token }) })).id;
};
const member = () => world.addUser(`runs-${++made}@example.com`);
const DIVERSE = [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }];

/** Schedules a run as the Python client does. */
async function schedule(datasetId: string, config: object, token?: string): Promise<string> {
  const caller = token ? { token } : {};
  const body = { version: 'V4', config: { workerType: 'FULL', ...config } } as never;
  const { id: configId } = await world.call('create_docker_worker_config_vx', { body, ...caller });
  const order = { path: { datasetId }, body: { configId, priority: 'MID' as const, runsOn: [] }, ...caller };
  return (await world.call('create_docker_run_scheduled_by_dataset_id', order)).id;
}
const runOf = (scheduledId: string) =>
  world.call('get_docker_run_by_scheduled_id', { path: { scheduledId } });
const textAt = async (url: string): Promise<string> => (await fetch(url)).text();

/** A dataset, one of its scheduled runs, locked by a worker, and the run that the worker has begun. */
async function externalRun(token?: string) {
  const caller = token ? { token } : {};
  const datasetId = await newDataset(token);
  const scheduledId = await schedule(datasetId, { selection: { nSamples: 1, strategies: DIVERSE } }, token);
  const worker = { name: `runner ${++made}`, workerType: 'FULL' as const };
  const { id: workerId } = await world.call('register_docker_worker', { body: worker, ...caller });
  const path = { datasetId, workerId, scheduledId };
  await world.call('update_scheduled_docker_run_state_by_id', { path, body: { state: 'LOCKED' }, ...caller });
  const begin = { body: { dockerVersion: '3.0.0', datasetId, scheduledId, message: 'Hello' }, ...caller };
  const { id: runId } = await world.call('create_docker_run', begin);
  return { datasetId, scheduledId, workerId, runId, begin };
}

describe('a run that a client schedules', () => {
  test('is carried out by the built-in worker; client sees its state, log, artifacts, report and tags', async () => {
    const datasetId = await newDataset();
    for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) await registerImage(world, datasetId, name);
    const scheduledId = await schedule(datasetId, {
      docker: { pretagging: true },
      selection: { nSamples: 2, strategies: DIVERSE, autoTasks: [] },
    });
    await builtIn.deliver({ datasetId, scheduledId });
    const run = await runOf(scheduledId);
    expect(run).toMatchObject({ state: 'COMPLETED', datasetId, scheduledId, archived: false });
    expect(run.message).toContain('2 samples are in tag');
    expect(run.artifacts?.map(({ type }) => type).sort()).toEqual([
      'CORRUPTNESS_CHECK_INFORMATION',
      'LOG',
      'MEMLOG',
      'REPORT_V2_JSON',
    ]);
    const path = { runId: run.id };
    const { logs, cursor } = await world.call('get_docker_run_logs_by_id', { path });
    expect(logs.at(-1)).toMatchObject({ level: 'INFO', state: 'COMPLETED', msg: run.message });
    expect(logs.some(({ msg }) => msg.includes('ignores: docker.pretagging'))).toBe(true);
    expect(await world.call('get_docker_run_logs_by_id', { path, query: { cursor: cursor ?? 0 } })).toEqual({
      cursor,
      logs: [],
    });
    const report = run.artifacts?.find(({ type }) => type === 'REPORT_V2_JSON');
    const url = await world.call('get_docker_run_artifact_read_url_by_id', {
      path: { runId: run.id, artifactId: report?.id ?? '' },
    });
    const { generalInformation } = JSON.parse(await textAt(url));
    expect(generalInformation.datasetInformation.datasetSizes.nSelected).toBe(2);
    const reportUrl = await world.call('get_docker_run_report_read_url_by_id', { path });
    expect(JSON.parse(await textAt(reportUrl)).generalInformation).toEqual(generalInformation);
    const tags = await world.call('get_docker_run_tags', { path });
    expect(tags.map(({ totSize, runId }) => [totSize, runId])).toEqual([
      [2, run.id],
      [2, run.id],
    ]);
    expect(tags[0]?.prevTagId).toBe(tags[1]?.id);
    expect(tags[1]?.name).toBe('initial-tag');
    expect(builtIn.completions.take()).toEqual([{ message: { datasetId, runId: run.id }, delaySeconds: 0 }]);
  });

  test('without a selection chooses every image', async () => {
    const datasetId = await newDataset();
    for (const name of ['a.jpg', 'b.jpg']) await registerImage(world, datasetId, name);
    const scheduledId = await schedule(datasetId, {});
    await builtIn.deliver({ datasetId, scheduledId });
    expect((await runOf(scheduledId)).message).toContain('2 samples are in tag');
  });

  test('finds nothing new: it completes, and says so', async () => {
    const datasetId = await newDataset();
    const scheduledId = await schedule(datasetId, { selection: { nSamples: 1, strategies: DIVERSE } });
    await builtIn.deliver({ datasetId, scheduledId });
    expect(await runOf(scheduledId)).toMatchObject({
      state: 'COMPLETED',
      message: expect.stringContaining('Nothing was selected'),
    });
  });

  test('on a dataset with samples needs useDatapool, and is ABORTED without', async () => {
    const datasetId = await newDataset();
    await registerImage(world, datasetId, 'a.jpg');
    await builtIn.deliver({ datasetId, scheduledId: await schedule(datasetId, {}) });
    await registerImage(world, datasetId, 'b.jpg');
    const without = await schedule(datasetId, {});
    await builtIn.deliver({ datasetId, scheduledId: without });
    const aborted = await runOf(without);
    expect(aborted).toMatchObject({ state: 'ABORTED', message: expect.stringContaining('useDatapool') });
    const { logs } = await world.call('get_docker_run_logs_by_id', { path: { runId: aborted.id } });
    expect(logs.at(-1)).toMatchObject({ level: 'WARNING', state: 'ABORTED' });
    const withIt = await schedule(datasetId, { docker: { useDatapool: true } });
    await builtIn.deliver({ datasetId, scheduledId: withIt });
    expect((await runOf(withIt)).message).toContain('1 samples are in tag');
  });

  test("is the built-in worker's alone to write to", async () => {
    const datasetId = await newDataset();
    const scheduledId = await schedule(datasetId, {});
    const early = { body: { dockerVersion: '3', scheduledId } };
    expect((await world.refused('create_docker_run', early)).status).toBe(409);
    await builtIn.deliver({ datasetId, scheduledId });
    const path = { runId: (await runOf(scheduledId)).id };
    const line = { ts: 1, level: 'INFO', group: 'g', msg: 'm' };
    const artifact = { fileName: 'log.txt', type: 'LOG' };
    expect(
      (await world.refused('update_docker_run_by_id', { path, body: { state: 'CRASHED' } })).status,
    ).toBe(403);
    expect((await world.refused('create_docker_run_log_by_id', { path, body: [line] })).status).toBe(403);
    expect((await world.refused('create_docker_run_artifact', { path, body: artifact })).status).toBe(403);
    expect((await world.refused('get_docker_run_report_write_url_by_id', { path })).status).toBe(403);
    expect((await world.refused('create_docker_run', early)).status).toBe(409);
  });
});

describe('a run of another worker', () => {
  test('is one run, however often it is begun', async () => {
    const { runId, begin, scheduledId, datasetId } = await externalRun();
    expect(await world.call('create_docker_run', begin)).toEqual({ id: runId });
    expect(await runOf(scheduledId)).toMatchObject({
      ...{ id: runId, datasetId, dockerVersion: '3.0.0', state: 'STARTED', message: 'Hello', artifacts: [] },
    });
  });

  test('goes forward; what comes late changes nothing, and a message may be restated', async () => {
    const { runId } = await externalRun();
    const path = { runId };
    const update = (state: 'TRAINING' | 'INITIALIZING', message: string) =>
      world.call('update_docker_run_by_id', { path, body: { state, message, ts: Date.now() } });
    await update('TRAINING', 'epoch 1');
    await update('TRAINING', 'epoch 1');
    await update('INITIALIZING', 'late');
    expect(await world.call('get_docker_run_by_id', { path })).toMatchObject({
      state: 'TRAINING',
      message: 'epoch 1',
    });
    await update('TRAINING', 'epoch 2');
    expect(await world.call('get_docker_run_by_id', { path })).toMatchObject({
      state: 'TRAINING',
      message: 'epoch 2',
    });
  });

  test('ends once, and frees its dataset for the next one', async () => {
    const { runId, datasetId } = await externalRun();
    const path = { runId };
    const end = { path, body: { state: 'FAILED' as const, message: 'x'.repeat(10_000) } };
    await world.call('update_docker_run_by_id', end);
    await world.call('update_docker_run_by_id', end);
    const late = { path, body: { state: 'COMPLETED' } };
    expect((await world.refused('update_docker_run_by_id', late)).status).toBe(409);
    expect((await world.call('get_docker_run_by_id', { path })).message).toHaveLength(3_000);
    expect(await world.call('get_docker_runs_scheduled_by_dataset_id', { path: { datasetId } })).toEqual([]);
    const next = await schedule(datasetId, {});
    await builtIn.deliver({ datasetId, scheduledId: next });
    expect((await runOf(next)).state).toBe('COMPLETED');
  });

  test("may be of no schedule and no dataset: then it is its owner's", async () => {
    const { token } = await member();
    const { id: runId } = await world.call('create_docker_run', { body: { dockerVersion: '1' }, token });
    const path = { runId };
    expect(await world.call('get_docker_run_by_id', { path, token })).toMatchObject({ state: 'STARTED' });
    await world.call('update_docker_run_by_id', { path, body: { state: 'COMPLETED' }, token });
    expect(await world.call('get_docker_run_tags', { path, token })).toEqual([]);
    const stranger = await member();
    expect((await world.refused('get_docker_run_by_id', { path, token: stranger.token })).status).toBe(403);
  });

  test('must be of a dataset, a config and a schedule that are there and agree', async () => {
    const { token } = await member();
    const { scheduledId, begin } = await externalRun();
    const refused = (body: object) =>
      world.refused('create_docker_run', { body: { dockerVersion: '3', ...body }, token });
    expect((await refused({ scheduledId })).status).toBe(403);
    expect((await refused({ datasetId: begin.body.datasetId })).status).toBe(403);
    expect(await refused({ datasetId: newId() })).toMatchObject({
      status: 404,
      error: { code: 'DATASET_UNKNOWN' },
    });
    expect(await refused({ scheduledId: newId() })).toMatchObject({
      status: 404,
      error: { code: 'DOCKER_WORKER_SCHEDULE_UNKNOWN' },
    });
    expect(await refused({ configId: newId() })).toMatchObject({
      status: 404,
      error: { code: 'DOCKER_WORKER_CONFIG_UNKNOWN' },
    });
    const other = { ...begin.body, datasetId: await newDataset() };
    expect((await world.refused('create_docker_run', { body: other })).status).toBe(400);
  });

  test('whose worker says impossible times is refused', async () => {
    const { runId } = await externalRun();
    const call = { path: { runId }, body: { state: 'TRAINING', ts: 1e300 } };
    expect((await world.refused('update_docker_run_by_id', call)).status).toBe(400);
  });
});

describe('the log of a run', () => {
  const line = (msg: string) => ({ ts: 1, level: 'INFO' as const, group: 'g', msg });

  test('is read by cursor, as its worker wrote it', async () => {
    const { runId } = await externalRun();
    const path = { runId };
    const whole = {
      ...line('b'),
      origin: 'worker',
      state: 'TRAINING' as const,
      load: { cpu: 12.5, mem: 100 },
    };
    await world.call('create_docker_run_log_by_id', { path, body: [line('a'), whole] });
    const first = await world.call('get_docker_run_logs_by_id', { path });
    expect(first).toEqual({ cursor: 2, logs: [{ ...line('a'), state: 'STARTED' }, whole] });
    await world.call('create_docker_run_log_by_id', { path, body: [line('c')] });
    const second = await world.call('get_docker_run_logs_by_id', { path, query: { cursor: 2 } });
    expect(second).toMatchObject({ cursor: 3, logs: [{ msg: 'c' }] });
    expect(await world.call('get_docker_run_logs_by_id', { path, query: { cursor: 3 } })).toEqual({
      cursor: 3,
      logs: [],
    });
  });

  test.each([3, 1e20, 1e300])('has nothing after its end: cursor %d', async (cursor) => {
    const { runId } = await externalRun();
    await world.call('create_docker_run_log_by_id', { path: { runId }, body: [line('a')] });
    const call = { path: { runId }, query: { cursor } };
    expect(await world.call('get_docker_run_logs_by_id', call)).toEqual({
      cursor: Math.min(cursor, 999_999_999_999),
      logs: [],
    });
  });

  test('comes in answers of a thousand lines', async () => {
    const { runId } = await externalRun();
    const path = { runId };
    const body = Array.from({ length: 1_500 }, (_, index) => line(String(index)));
    await world.call('create_docker_run_log_by_id', { path, body });
    const { cursor, logs } = await world.call('get_docker_run_logs_by_id', { path });
    expect([cursor, logs.length]).toEqual([1_000, 1_000]);
    const rest = await world.call('get_docker_run_logs_by_id', { path, query: { cursor: cursor ?? 0 } });
    expect([rest.cursor, rest.logs.at(-1)?.msg]).toEqual([1_500, '1499']);
  });

  test('takes a mebibyte at a time, in lines that are not too long', async () => {
    const { runId } = await externalRun();
    const path = { runId };
    const long = { path, body: [line('x'.repeat(100_000))] };
    expect((await world.refused('create_docker_run_log_by_id', long)).status).toBe(400);
    const much = { path, body: Array.from({ length: 12 }, () => line('x'.repeat(90_000))) };
    expect((await world.refused('create_docker_run_log_by_id', much)).status).toBe(400);
    expect((await world.call('get_docker_run_logs_by_id', { path })).logs).toEqual([]);
  });
});

describe('an artifact of a run', () => {
  const body = { fileName: 'checkpoint.ckpt', type: 'CHECKPOINT', storageLocation: 'LIGHTLY' } as const;
  const UNAVAILABLE = { error: { code: 'DOCKER_RUN_ARTIFACT_UNAVAILABLE' } };

  test('is announced, uploaded, confirmed and read', async () => {
    const { runId, datasetId } = await externalRun();
    const path = { runId };
    const { artifactId, signedWriteUrl } = await world.call('create_docker_run_artifact', { path, body });
    const confirm = { path: { runId, artifactId } };
    expect(await world.refused('confirm_docker_run_artifact_creation', confirm)).toMatchObject({
      status: 409,
      ...UNAVAILABLE,
    });
    expect(await world.refused('get_docker_run_artifact_read_url_by_id', confirm)).toMatchObject({
      status: 404,
      ...UNAVAILABLE,
    });
    expect((await world.call('get_docker_run_by_id', { path })).artifacts).toEqual([]);
    // Whoever has lost the URL announces it again.
    expect(await world.call('create_docker_run_artifact', { path, body })).toMatchObject({ artifactId });
    expect((await fetch(signedWriteUrl, { method: 'PUT', body: 'weights' })).status).toBe(200);
    await world.call('confirm_docker_run_artifact_creation', confirm);
    await world.call('confirm_docker_run_artifact_creation', confirm);
    expect(await textAt(await world.call('get_docker_run_artifact_read_url_by_id', confirm))).toBe('weights');
    expect((await world.call('get_docker_run_by_id', { path })).artifacts).toMatchObject([
      { id: artifactId, type: 'CHECKPOINT', fileName: 'checkpoint.ckpt' },
    ]);
    expect(await world.refused('create_docker_run_artifact', { path, body })).toMatchObject({
      status: 409,
      error: { code: 'DOCKER_RUN_ARTIFACT_EXISTS' },
    });
    const [listed] = await world.call('get_docker_runs_query_by_dataset_id', { path: { datasetId } });
    expect(listed?.artifacts).toHaveLength(1);
  });

  test('that is of another run, or of none, is not found', async () => {
    const [mine, other] = [await externalRun(), await externalRun()];
    const { artifactId } = await world.call('create_docker_run_artifact', {
      path: { runId: other.runId },
      body,
    });
    const path = { runId: mine.runId, artifactId };
    for (const id of [
      'confirm_docker_run_artifact_creation',
      'get_docker_run_artifact_read_url_by_id',
    ] as const) {
      expect(await world.refused(id, { path })).toMatchObject({
        status: 404,
        error: { code: 'DOCKER_RUN_ARTIFACT_UNKNOWN' },
      });
    }
  });

  test.each(['', '../a', 'a/b', 'a\\b', '/etc/passwd', 'a\0b', 'x'.repeat(256), '.', '\ud800'])(
    'is a file without a folder: not %j',
    async (fileName) => {
      const { runId } = await externalRun();
      const call = { path: { runId }, body: { ...body, fileName } };
      const { status, error } = await world.refused('create_docker_run_artifact', call);
      expect(status).toBe(400);
      expect(error.error).toContain('fileName');
    },
  );

  test("that is the report can be read as such, and so can what is written to the report's URL", async () => {
    const { runId } = await externalRun();
    const path = { runId };
    expect(await world.refused('get_docker_run_report_read_url_by_id', { path })).toMatchObject({
      status: 404,
      error: { code: 'DOCKER_RUN_REPORT_UNAVAILABLE' },
    });
    const report = { fileName: 'report.json', type: 'REPORT_JSON' } as const;
    const { artifactId, signedWriteUrl } = await world.call('create_docker_run_artifact', {
      path,
      body: report,
    });
    await fetch(signedWriteUrl, { method: 'PUT', body: '{}' });
    await world.call('confirm_docker_run_artifact_creation', { path: { runId, artifactId } });
    expect(await textAt(await world.call('get_docker_run_report_read_url_by_id', { path }))).toBe('{}');
    const writeUrl = await world.call('get_docker_run_report_write_url_by_id', { path });
    await fetch(writeUrl, { method: 'PUT', body: 'pdf' });
    expect(await textAt(await world.call('get_docker_run_report_read_url_by_id', { path }))).toBe('pdf');
  });
});

describe('runs', () => {
  const ids = async (query: object, token?: string) =>
    (await world.call('get_docker_runs', { query, ...(token && { token }) })).map(({ id }) => id);
  const count = (query: object, token: string) => world.call('get_docker_runs_count', { query, token });

  test('are listed newest first, in pages, and counted', async () => {
    const { token } = await member();
    const begun: string[] = [];
    for (let index = 0; index < 5; index++) {
      begun.unshift((await world.call('create_docker_run', { body: { dockerVersion: '1' }, token })).id);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(await ids({}, token)).toEqual(begun);
    expect(await ids({ pageSize: 2, pageOffset: 1 }, token)).toEqual(begun.slice(1, 3));
    expect(await ids({ pageSize: 2, pageOffset: 4 }, token)).toEqual(begun.slice(4));
    expect(await ids({ pageOffset: 5 }, token)).toEqual([]);
    expect(await count({}, token)).toBe('5');
    expect(await count({ getAssetsOfTeam: true }, token)).toBe('0');
    expect(await count({ getAssetsOfTeamInclusiveSelf: true, showArchived: true }, token)).toBe('5');
    expect(await ids({ getAssetsOfTeam: true })).toEqual(expect.arrayContaining(begun));
    expect(await ids({})).not.toContain(begun[0]);
  });

  test('of a dataset are listed for whoever may use it', async () => {
    const owner = await member();
    const { datasetId, runId } = await externalRun(owner.token);
    const query = (token: string) => ({ path: { datasetId }, token });
    const [found] = await world.call('get_docker_runs_query_by_dataset_id', query(owner.token));
    expect(found?.id).toBe(runId);
    const stranger = await member();
    expect((await world.refused('get_docker_runs_query_by_dataset_id', query(stranger.token))).status).toBe(
      403,
    );
    expect(await count({ getAssetsOfTeam: true }, stranger.token)).toBe('0');
    await world.call('create_or_update_shared_access_config_by_dataset_id', {
      path: { datasetId },
      body: { accessType: 'WRITE', users: [stranger.user.email] },
      token: owner.token,
    });
    expect(await world.call('get_docker_runs_query_by_dataset_id', query(stranger.token))).toHaveLength(1);
    expect(await ids({ getAssetsOfTeam: true }, stranger.token)).toEqual([runId]);
  });

  test('that are not known are not found', async () => {
    const unknown = { status: 404, error: { code: 'DOCKER_RUN_UNKNOWN' } };
    for (const id of [
      'get_docker_run_by_id',
      'get_docker_run_tags',
      'get_docker_run_logs_by_id',
      'get_docker_run_report_read_url_by_id',
      'get_docker_run_report_write_url_by_id',
    ] as const) {
      expect(await world.refused(id, { path: { runId: newId() } })).toMatchObject(unknown);
    }
    expect(
      await world.refused('get_docker_run_by_scheduled_id', { path: { scheduledId: newId() } }),
    ).toMatchObject({
      status: 404,
      error: { code: 'DOCKER_WORKER_SCHEDULE_UNKNOWN' },
    });
  });

  test('of others are refused to whoever may not use their dataset', async () => {
    const { runId, scheduledId } = await externalRun();
    const { token } = await member();
    const line = { ts: 1, level: 'INFO', group: 'g', msg: 'm' };
    const calls = [
      ['get_docker_run_by_id', {}],
      ['update_docker_run_by_id', { body: { state: 'CRASHED' } }],
      ['get_docker_run_tags', {}],
      ['get_docker_run_logs_by_id', {}],
      ['create_docker_run_log_by_id', { body: [line] }],
      ['create_docker_run_artifact', { body: { fileName: 'a', type: 'LOG' } }],
      ['get_docker_run_report_read_url_by_id', {}],
    ] as const;
    for (const [id, call] of calls) {
      expect((await world.refused(id, { path: { runId }, ...call, token })).status).toBe(403);
    }
    const bySchedule = { path: { scheduledId }, token };
    expect((await world.refused('get_docker_run_by_scheduled_id', bySchedule)).status).toBe(403);
  });
});
