import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { artifactStore } from '#aws/artifact-store';
import { exportStore } from '#aws/export-store';
import { runStore } from '#aws/run-store';
import { scheduledRunStore } from '#aws/scheduled-run-store';
import { workerConfigStore } from '#aws/worker-config-store';
import { NotFoundError } from '#contracts/errors';
import type { Artifact, ExportRecord, Run, ScheduledRun } from '#contracts/items';
import { canAdvanceRun, RUN_STATES } from '#contracts/run-states';
import { DEFAULT_SELECTION } from '#contracts/selection-config';
import { workerConfig } from '#contracts/worker-config';
import { startTableServer, type TableServer } from '../support/aws-servers.ts';
import { collect, newId, race } from '../support/documents.ts';

let server: TableServer;
beforeAll(async () => {
  server = await startTableServer();
});
afterAll(() => server.stop());

const AT = 1_700_000_000_000;

const someScheduledRun = (fields: Partial<ScheduledRun> = {}): ScheduledRun => ({
  id: newId(),
  datasetId: newId(),
  configId: newId(),
  priority: 'MID',
  runsOn: [],
  state: 'OPEN',
  createdAt: AT,
  lastModifiedAt: AT,
  ...fields,
});

const someRun = (fields: Partial<Run> = {}): Run => ({
  id: newId(),
  datasetId: newId(),
  scheduledId: newId(),
  configId: newId(),
  state: 'STARTED',
  createdAt: AT,
  lastModifiedAt: AT,
  heartbeatAt: AT,
  cutoff: AT,
  messages: [],
  ...fields,
});

test('a worker config is created once and never changes', async () => {
  const store = workerConfigStore(server.table);
  const config = workerConfig.parse({
    id: newId(),
    datasetId: newId(),
    createdAt: AT,
    selection: DEFAULT_SELECTION,
  });
  await store.create(config);
  await store.create({ ...config, createdAt: AT + 1 });
  expect(await store.get(config.id)).toEqual(config);
  expect(await store.get(newId())).toBeUndefined();
});

describe('scheduled runs', () => {
  const store = () => scheduledRunStore(server.table);
  const created = async (fields: Partial<ScheduledRun> = {}) => {
    const scheduled = someScheduledRun(fields);
    await store().create(scheduled);
    return scheduled;
  };

  test('create leaves an existing one', async () => {
    const scheduled = await created();
    await store().lock(scheduled.id, newId(), AT + 1);
    await store().create(scheduled);
    expect((await store().get(scheduled.id))?.state).toBe('LOCKED');
  });

  test('of fifty workers one gives it its run id, and all are told that one', async () => {
    const scheduled = await created();
    const runIds = Array.from({ length: 50 }, newId);
    const locked = await race((racer) => store().lock(scheduled.id, runIds[racer]!, AT + racer));
    const winners = new Set(locked.map(({ runId }) => runId));
    expect(winners.size).toBe(1);
    expect(runIds).toContain([...winners][0]);
    expect(locked.every(({ state }) => state === 'LOCKED')).toBe(true);
  });

  test('is finished only from LOCKED', async () => {
    const scheduled = await created();
    await store().finish(scheduled.id, AT + 1);
    expect((await store().get(scheduled.id))?.state).toBe('OPEN');
    const { runId } = await store().lock(scheduled.id, newId(), AT + 2);
    await store().finish(scheduled.id, AT + 3);
    await store().finish(scheduled.id, AT + 4);
    const done = { ...scheduled, runId, state: 'DONE', lastModifiedAt: AT + 3 };
    expect(await store().get(scheduled.id)).toEqual(done);
    expect(await store().lock(scheduled.id, newId(), AT + 5)).toEqual(done);
    expect(await store().cancel(scheduled.id, AT + 6)).toEqual(done);
  });

  test('is canceled while OPEN, and marked while LOCKED', async () => {
    const open = await created();
    const canceled = { ...open, state: 'CANCELED', lastModifiedAt: AT + 1 };
    expect(await store().cancel(open.id, AT + 1)).toEqual(canceled);
    expect(await store().lock(open.id, newId(), AT + 2)).toEqual(canceled);
    const locked = await created();
    await store().lock(locked.id, newId(), AT + 1);
    expect(await store().cancel(locked.id, AT + 2)).toMatchObject({ state: 'LOCKED', cancelRequested: true });
    await store().finish(locked.id, AT + 3);
    expect(await store().get(locked.id)).toMatchObject({ state: 'DONE', cancelRequested: true });
  });

  test('fifty who lock and cancel at once: either it is canceled or the worker is told', async () => {
    const scheduled = await created();
    await race((racer) =>
      racer % 2 ? store().cancel(scheduled.id, AT) : store().lock(scheduled.id, newId(), AT),
    );
    const stored = await store().get(scheduled.id);
    expect(stored?.state === 'CANCELED' || stored?.cancelRequested).toBe(true);
  });

  test('lists what is unfinished, oldest first', async () => {
    const datasetId = newId();
    const [second, first, done, canceled] = [20, 10, 5, 6].map((age) =>
      someScheduledRun({ datasetId, createdAt: AT + age }),
    ) as [ScheduledRun, ScheduledRun, ScheduledRun, ScheduledRun];
    for (const scheduled of [second, first, done, canceled]) await store().create(scheduled);
    await store().lock(second.id, newId(), AT);
    await store().lock(done.id, newId(), AT);
    await store().finish(done.id, AT);
    await store().cancel(canceled.id, AT);
    const listed = await store().listUnfinished(datasetId);
    expect(listed.map(({ id, state }) => [id, state])).toEqual([
      [first.id, 'OPEN'],
      [second.id, 'LOCKED'],
    ]);
  });

  test('that do not exist can not be locked or canceled', async () => {
    await expect(store().lock(newId(), newId(), AT)).rejects.toThrow(NotFoundError);
    await expect(store().cancel(newId(), AT)).rejects.toThrow(NotFoundError);
    await store().finish(newId(), AT);
  });
});

describe('runs', () => {
  const store = () => runStore(server.table);

  test('create returns the stored one', async () => {
    const run = someRun();
    expect(await store().create(run)).toEqual(run);
    expect(await store().create({ ...run, cutoff: AT + 1 })).toEqual(run);
    expect(await store().get(run.id)).toEqual(run);
  });

  test.each(RUN_STATES)('from %s a run goes where the rule lets it', async (from) => {
    for (const to of RUN_STATES) {
      const run = await store().create(someRun({ state: from }));
      const allowed = canAdvanceRun(from, to);
      const after = await store().advance(run.id, to, 'on', AT + 1);
      expect(after).toEqual(
        allowed
          ? {
              ...run,
              state: to,
              lastModifiedAt: AT + 1,
              messages: [{ at: AT + 1, state: to, message: 'on' }],
            }
          : run,
      );
    }
  });

  test('fifty who say the same leave one message', async () => {
    const run = await store().create(someRun());
    await race((racer) => store().advance(run.id, 'SAMPLING', `by ${racer}`, AT + racer));
    expect((await store().get(run.id))?.messages).toHaveLength(1);
    await store().advance(run.id, 'COMPLETED', 'done', AT + 99);
    expect(await store().advance(run.id, 'CRASHED', 'late', AT + 100)).toMatchObject({ state: 'COMPLETED' });
    expect((await store().get(run.id))?.messages.map(({ state }) => state)).toEqual([
      'SAMPLING',
      'COMPLETED',
    ]);
  });

  test('heartbeats only move forward', async () => {
    const run = await store().create(someRun());
    await race((racer) => store().heartbeat(run.id, AT + racer));
    expect((await store().get(run.id))?.heartbeatAt).toBe(AT + 49);
  });

  test('of fifty plans one counts, and all are told which', async () => {
    const run = await store().create(someRun());
    const told = await race((racer) => store().recordPlan(run.id, `plan-${racer}`));
    expect(new Set(told).size).toBe(1);
    expect((await store().get(run.id))?.planKey).toBe(told[0]);
  });

  test('remember tag, first fan-out and archive', async () => {
    const run = await store().create(someRun());
    const archive = { bucket: 'b', key: 'k', bytes: 1, sha256: 's', files: 2, archivedAt: AT };
    await store().recordTag(run.id, 'run-tag');
    await store().recordFanOut(run.id, AT + 1);
    await store().recordFanOut(run.id, AT + 2);
    await store().recordArchive(run.id, archive);
    expect(await store().get(run.id)).toEqual({ ...run, tagName: 'run-tag', fannedOutAt: AT + 1, archive });
  });

  test('are listed newest first', async () => {
    const datasetId = newId();
    for (const age of [2, 3, 1]) await store().create(someRun({ datasetId, createdAt: AT + age }));
    const listed = await collect(store().list(datasetId));
    expect(listed.map(({ createdAt }) => createdAt - AT)).toEqual([3, 2, 1]);
  });

  test('that do not exist are not found, and not made', async () => {
    const id = newId();
    await expect(store().advance(id, 'SAMPLING', 'on', AT)).rejects.toThrow(NotFoundError);
    await expect(store().advance(id, 'STARTED', 'on', AT)).rejects.toThrow(NotFoundError);
    await expect(store().heartbeat(id, AT)).rejects.toThrow(NotFoundError);
    await expect(store().recordPlan(id, 'p')).rejects.toThrow(NotFoundError);
    await expect(store().recordTag(id, 't')).rejects.toThrow(NotFoundError);
    expect(await store().get(id)).toBeUndefined();
  });
});

test('artifacts are listed by run and replaced by file name', async () => {
  const store = artifactStore(server.table);
  const run = await runStore(server.table).create(someRun());
  const artifact: Artifact = {
    id: newId(),
    runId: run.id,
    type: 'LOG',
    fileName: 'log.txt',
    key: 'k/log.txt',
    bytes: 3,
    sha256: 'a'.repeat(64),
    createdAt: AT,
  };
  const report: Artifact = { ...artifact, id: newId(), type: 'REPORT_V2_JSON', fileName: 'report_v2.json' };
  await store.put(artifact);
  await store.put(report);
  await store.put({ ...artifact, bytes: 4 });
  expect(await store.list(run.id)).toEqual([{ ...artifact, bytes: 4 }, report]);
  expect(await store.list(newId())).toEqual([]);
});

test('exports are listed by run and read by format', async () => {
  const store = exportStore(server.table);
  const record: ExportRecord = {
    datasetId: newId(),
    runId: newId(),
    format: 'csv',
    fileName: 'samples.csv',
    rows: 2,
    bytes: 30,
    sha256: 'b'.repeat(64),
    writtenAt: AT,
  };
  const coco: ExportRecord = { ...record, format: 'coco', fileName: 'coco.json' };
  await store.put(record);
  await store.put(coco);
  await store.put({ ...record, runId: newId() });
  expect(await store.listForRun(record.datasetId, record.runId)).toEqual([coco, record]);
  expect(await store.get(record.datasetId, record.runId, 'csv')).toEqual(record);
  expect(await store.get(record.datasetId, record.runId, 'sama')).toBeUndefined();
});
