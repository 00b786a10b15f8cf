import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { scheduledRunStore } from '#aws/scheduled-run-store';
import { putItem } from '#aws/table';
import { workerConfigStore } from '#aws/worker-config-store';
import { NotFoundError } from '#contracts/errors';
import type { ScheduledRun } from '#contracts/items';
import { unfinishedRunKey } from '#contracts/table-keys';
import type { WorkerConfig } from '#contracts/worker-config';
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
  userId: newId(),
  datasetId: newId(),
  configId: newId(),
  priority: 'MID',
  runsOn: [],
  state: 'OPEN',
  createdAt: AT,
  lastModifiedAt: AT,
  ...fields,
});

describe('worker configs', () => {
  const store = () => workerConfigStore(server.table);
  const created = async (fields: Partial<WorkerConfig> = {}) => {
    const config: WorkerConfig = {
      ...{ id: newId(), userId: newId(), version: 'V4', document: '{"a":1}', createdAt: AT },
      ...fields,
    };
    await store().create(config);
    return config;
  };

  test('are created once', async () => {
    const config = await created();
    await store().create({ ...config, createdAt: AT + 1 });
    expect(await store().get(config.id)).toEqual(config);
    expect(await store().get(newId())).toBeUndefined();
  });

  test('are listed by owner, newest first', async () => {
    const first = await created();
    const second = await created({ userId: first.userId, createdAt: AT + 1, datasetId: newId() });
    await created();
    expect(await collect(store().list(first.userId))).toEqual([second, first]);
  });

  test('change until they are used, and remember what they were at first', async () => {
    const config = await created();
    expect(await store().replace(config, 'V0', '{"b":2}')).toBe(true);
    expect(await store().replace(config, 'V0', '{"c":3}')).toBe(true);
    const changed = { ...config, version: 'V0', document: '{"c":3}', originalDocument: '{"a":1}' };
    expect(await store().get(config.id)).toEqual(changed);
    expect(await store().markUsed(config.id, AT + 1)).toEqual({ ...changed, usedAt: AT + 1 });
    expect(await store().markUsed(config.id, AT + 2)).toMatchObject({ usedAt: AT + 1 });
    expect(await store().replace(config, 'V0', '{"d":4}')).toBe(false);
    expect((await store().get(config.id))?.document).toBe('{"c":3}');
    expect(await store().markUsed(newId(), AT)).toBeUndefined();
  });
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

  test('of a dataset are listed newest first, whatever became of them', async () => {
    const datasetId = newId();
    const done = await created({ datasetId });
    const open = await created({ datasetId, createdAt: AT + 1 });
    await store().lock(done.id, newId(), AT);
    await store().finish(done.id, AT);
    const listed = await collect(store().list(datasetId));
    expect(listed.map(({ id, state }) => [id, state])).toEqual([
      [open.id, 'OPEN'],
      [done.id, 'DONE'],
    ]);
  });

  test('of all datasets are listed by whether they have ended', async () => {
    const [open, locked, done, canceled] = await Promise.all([created(), created(), created(), created()]);
    await store().lock(locked.id, newId(), AT, { workerId: newId() });
    await store().lock(done.id, newId(), AT);
    await store().finish(done.id, AT + 1);
    await store().cancel(canceled.id, AT + 2);
    const mine = new Set([open, locked, done, canceled].map(({ id }) => id));
    const ids = async (listed: AsyncIterable<ScheduledRun>) =>
      (await collect(listed)).map(({ id }) => id).filter((id) => mine.has(id));
    expect((await ids(store().listAllUnfinished())).sort()).toEqual([open.id, locked.id].sort());
    expect(await ids(store().listAllFinished())).toEqual([canceled.id, done.id]);
  });

  test('killed between note and item, or between end and note: nothing is listed that is not there', async () => {
    const datasetId = newId();
    const { table } = server;
    await putItem(table, { ...unfinishedRunKey(datasetId, newId()) });
    const done = await created({ datasetId });
    await store().cancel(done.id, AT);
    await store().create(done);
    expect(await store().listUnfinished(datasetId)).toEqual([]);
    await putItem(table, { ...unfinishedRunKey(datasetId, done.id) });
    expect(await store().listUnfinished(datasetId)).toEqual([]);
  });

  test('change their urgency and labels while they are OPEN', async () => {
    const { id } = await created();
    expect(await store().adjust(id, { priority: 'CRITICAL' }, AT + 1)).toBe(true);
    expect(await store().adjust(id, { runsOn: ['gpu'] }, AT + 2)).toBe(true);
    const adjusted = { priority: 'CRITICAL', runsOn: ['gpu'], lastModifiedAt: AT + 2 };
    expect(await store().get(id)).toMatchObject(adjusted);
    const workerId = newId();
    expect(await store().lock(id, newId(), AT + 3, { workerId })).toMatchObject({ workerId });
    expect(await store().adjust(id, { priority: 'LOW' }, AT + 4)).toBe(false);
    expect((await store().get(id))?.priority).toBe('CRITICAL');
  });

  test('that do not exist can not be locked or canceled', async () => {
    await expect(store().lock(newId(), newId(), AT)).rejects.toThrow(NotFoundError);
    await expect(store().cancel(newId(), AT)).rejects.toThrow(NotFoundError);
    await store().finish(newId(), AT);
  });
});
