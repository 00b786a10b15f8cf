import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DIVERSE, ONE_BY_DIVERSITY, type RunsClient, runsClientOf } from '../support/api-runs.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';
import { builtInWorkerOf, registerImage } from '../support/built-in-worker.ts';
import { newId } from '../support/documents.ts';

let world: ApiWorld;
let client: RunsClient;
let builtIn: ReturnType<typeof builtInWorkerOf>;
beforeAll(async () => {
  world = await startApiWorld();
  client = runsClientOf(world);
  builtIn = builtInWorkerOf(world);
});
afterAll(() => world.stop());

const textAt = async (url: string): Promise<string> => (await fetch(url)).text();

describe('a run that a client schedules', () => {
  test('is carried out by the built-in worker; client sees its state, log, artifacts, report and tags', async () => {
    const datasetId = await client.newDataset();
    for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) await registerImage(world, datasetId, name);
    const scheduledId = await client.schedule(datasetId, {
      config: {
        docker: { pretagging: true },
        selection: { nSamples: 2, strategies: DIVERSE, autoTasks: [] },
      },
    });
    await builtIn.deliver({ datasetId, scheduledId });
    const run = await client.runOf(scheduledId);
    expect(run).toMatchObject({ state: 'COMPLETED', datasetId, scheduledId, archived: false });
    expect(run.message).toContain('2 samples are in tag');
    expect(run.artifacts?.map(({ type }) => type).sort()).toEqual([
      'CORRUPTNESS_CHECK_INFORMATION',
      'LOG',
      'MEMLOG',
      'RELEVANT_FILENAMES',
      'RELEVANT_FILENAMES',
      'RELEVANT_FILENAMES',
      'RELEVANT_FILENAMES',
      'REPORT_PDF',
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
    expect((await textAt(reportUrl)).slice(0, 5)).toBe('%PDF-');
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
    const datasetId = await client.newDataset();
    for (const name of ['a.jpg', 'b.jpg']) await registerImage(world, datasetId, name);
    const scheduledId = await client.schedule(datasetId, { config: {} });
    await builtIn.deliver({ datasetId, scheduledId });
    expect((await client.runOf(scheduledId)).message).toContain('2 samples are in tag');
  });

  test('finds nothing new: it completes, and says so', async () => {
    const datasetId = await client.newDataset();
    const scheduledId = await client.schedule(datasetId, { config: { selection: ONE_BY_DIVERSITY } });
    await builtIn.deliver({ datasetId, scheduledId });
    expect(await client.runOf(scheduledId)).toMatchObject({
      state: 'COMPLETED',
      message: 'Nothing was selected: no image waited for a run.',
    });
  });

  test('on a dataset with samples needs useDatapool, and is ABORTED without', async () => {
    const datasetId = await client.newDataset();
    await registerImage(world, datasetId, 'a.jpg');
    await builtIn.deliver({ datasetId, scheduledId: await client.schedule(datasetId, { config: {} }) });
    await registerImage(world, datasetId, 'b.jpg');
    const without = await client.schedule(datasetId, { config: {} });
    await builtIn.deliver({ datasetId, scheduledId: without });
    const aborted = await client.runOf(without);
    expect(aborted).toMatchObject({ state: 'ABORTED', message: expect.stringContaining('useDatapool') });
    const { logs } = await world.call('get_docker_run_logs_by_id', { path: { runId: aborted.id } });
    expect(logs.at(-1)).toMatchObject({ level: 'WARNING', state: 'ABORTED' });
    const withIt = await client.schedule(datasetId, { config: { docker: { useDatapool: true } } });
    await builtIn.deliver({ datasetId, scheduledId: withIt });
    expect((await client.runOf(withIt)).message).toContain('1 samples are in tag');
  });

  test("is the built-in worker's alone to write to", async () => {
    const datasetId = await client.newDataset();
    const scheduledId = await client.schedule(datasetId, { config: {} });
    const early = { body: { dockerVersion: '3', scheduledId } };
    expect((await world.refused('create_docker_run', early)).status).toBe(409);
    await builtIn.deliver({ datasetId, scheduledId });
    const path = { runId: (await client.runOf(scheduledId)).id };
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

describe('runs', () => {
  const ids = async (query: object, token?: string) =>
    (await world.call('get_docker_runs', { query, ...(token && { token }) })).map(({ id }) => id);
  const count = (query: object, token: string) => world.call('get_docker_runs_count', { query, token });

  test('are listed newest first, in pages, and counted', async () => {
    const { token } = await client.member();
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
    const owner = await client.member();
    const { datasetId, runId } = await client.externalRun(owner.token);
    const query = (token: string) => ({ path: { datasetId }, token });
    const [found] = await world.call('get_docker_runs_query_by_dataset_id', query(owner.token));
    expect(found?.id).toBe(runId);
    const stranger = await client.member();
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

  test('whose dataset is gone are their owner’s and the administrators’, in lists and by their ids', async () => {
    const [owner, other] = [await client.member(), await client.member()];
    const { datasetId, runId } = await client.externalRun(owner.token);
    await world.call('create_or_update_shared_access_config_by_dataset_id', {
      path: { datasetId },
      body: { accessType: 'WRITE', users: [other.user.email] },
      token: owner.token,
    });
    const team = { getAssetsOfTeam: true };
    const path = { runId };
    expect(await ids(team, other.token)).toEqual([runId]);
    await world.deps.datasets.markDeleted(datasetId, Date.now(), { evenIfLocked: true });
    expect(await ids({}, owner.token)).toEqual([runId]);
    expect(await world.call('get_docker_run_by_id', { path, token: owner.token })).toMatchObject({
      datasetId,
    });
    expect(await ids(team)).toContain(runId);
    expect(await world.call('get_docker_run_by_id', { path })).toMatchObject({ id: runId });
    expect(await ids(team, other.token)).toEqual([]);
    expect((await world.refused('get_docker_run_by_id', { path, token: other.token })).status).toBe(403);
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
    const { runId, scheduledId } = await client.externalRun();
    const { token } = await client.member();
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
