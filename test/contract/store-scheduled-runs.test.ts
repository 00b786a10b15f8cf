import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { scheduledRunStore } from '#aws/scheduled-run-store';
import { workerConfigStore } from '#aws/worker-config-store';
import { NotFoundError } from '#contracts/errors';
import type { ScheduledRun } from '#contracts/items';
import { DEFAULT_SELECTION } from '#contracts/selection-config';
import { workerConfig } from '#contracts/worker-config';
import { startTableServer, type TableServer } from '../support/aws-servers.ts';
import { newId, race } from '../support/documents.ts';

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
