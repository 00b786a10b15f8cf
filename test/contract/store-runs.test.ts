import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { artifactStore } from '#aws/artifact-store';
import { exportStore } from '#aws/export-store';
import { runStore } from '#aws/run-store';
import { NotFoundError } from '#contracts/errors';
import type { ExportRecord } from '#contracts/export-record';
import type { Artifact, Run } from '#contracts/items';
import { canAdvanceRun, RUN_STATES } from '#contracts/run-states';
import { startTableServer, type TableServer } from '../support/aws-servers.ts';
import { collect, newId, race } from '../support/documents.ts';
import { readUnits } from '../support/read-units.ts';

let server: TableServer;
beforeAll(async () => {
  server = await startTableServer();
});
afterAll(() => server.stop());

const AT = 1_700_000_000_000;

const someRun = (fields: Partial<Run> = {}): Run => ({
  id: newId(),
  userId: newId(),
  datasetId: newId(),
  scheduledId: newId(),
  configId: newId(),
  state: 'STARTED',
  createdAt: AT,
  lastModifiedAt: AT,
  heartbeatAt: AT,
  attempts: 1,
  cutoff: AT,
  messages: [],
  ...fields,
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

  test('every worker that takes a run over is counted', async () => {
    const run = await store().create(someRun());
    await race((racer) => store().takeOver(run.id, AT + racer));
    expect(await store().get(run.id)).toMatchObject({ attempts: 51 });
    await expect(store().takeOver(newId(), AT)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a run that was given up shows no sign of life until the next worker gives one', async () => {
    const run = await store().create(someRun());
    await store().giveUp(run.id);
    expect(await store().get(run.id)).toEqual({ ...run, heartbeatAt: 0 });
    await store().heartbeat(run.id, AT + 1);
    expect((await store().get(run.id))?.heartbeatAt).toBe(AT + 1);
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

  test('are read a few at a time, for whoever looks for the newest', async () => {
    const datasetId = newId();
    for (let age = 0; age < 25; age++) await store().create(someRun({ datasetId, createdAt: AT + age }));
    const reads = await readUnits(server.table, async () => {
      for await (const { createdAt } of store().list(datasetId)) if (createdAt < AT + 24) break;
    });
    // A unit for each of ten runs, and a half for their page of the index.
    expect(reads).toBe(10.5);
    expect(await collect(store().list(datasetId))).toHaveLength(25);
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
