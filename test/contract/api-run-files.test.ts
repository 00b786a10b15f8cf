import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type RunsClient, runsClientOf } from '../support/api-runs.ts';
import { type ApiWorld, startApiWorld } from '../support/api-world.ts';

let world: ApiWorld;
let client: RunsClient;
beforeAll(async () => {
  world = await startApiWorld();
  client = runsClientOf(world);
});
afterAll(() => world.stop());

const textAt = async (url: string): Promise<string> => (await fetch(url)).text();

describe('the log of a run', () => {
  const line = (msg: string) => ({ ts: 1, level: 'INFO' as const, group: 'g', msg });

  test('is read by cursor, as its worker wrote it', async () => {
    const { runId } = await client.externalRun();
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
    const { runId } = await client.externalRun();
    await world.call('create_docker_run_log_by_id', { path: { runId }, body: [line('a')] });
    const call = { path: { runId }, query: { cursor } };
    expect(await world.call('get_docker_run_logs_by_id', call)).toEqual({
      cursor: Math.min(cursor, 999_999_999_999),
      logs: [],
    });
  });

  test('comes in answers of a thousand lines', async () => {
    const { runId } = await client.externalRun();
    const path = { runId };
    const body = Array.from({ length: 1_500 }, (_, index) => line(String(index)));
    await world.call('create_docker_run_log_by_id', { path, body });
    const { cursor, logs } = await world.call('get_docker_run_logs_by_id', { path });
    expect([cursor, logs.length]).toEqual([1_000, 1_000]);
    const rest = await world.call('get_docker_run_logs_by_id', { path, query: { cursor: cursor ?? 0 } });
    expect([rest.cursor, rest.logs.at(-1)?.msg]).toEqual([1_500, '1499']);
  });

  test('takes a mebibyte at a time, in lines that are not too long', async () => {
    const { runId } = await client.externalRun();
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
    const { runId, datasetId } = await client.externalRun();
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
    const [mine, other] = [await client.externalRun(), await client.externalRun()];
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
      const { runId } = await client.externalRun();
      const call = { path: { runId }, body: { ...body, fileName } };
      const { status, error } = await world.refused('create_docker_run_artifact', call);
      expect(status).toBe(400);
      expect(error.error).toContain('fileName');
    },
  );

  test("that is the report can be read as such, and so can what is written to the report's URL", async () => {
    const { runId } = await client.externalRun();
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
