import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runLogStore } from '#aws/run-log-store';
import { runStore } from '#aws/run-store';
import { uploadStore } from '#aws/upload-store';
import type { LogLine, Upload } from '#contracts/run-files';
import { startTableServer, type TableServer } from '../support/aws-servers.ts';
import { collect, newId, race } from '../support/documents.ts';
import { aRun } from '../support/runs.ts';

let server: TableServer;
beforeAll(async () => {
  server = await startTableServer();
});
afterAll(() => server.stop());

const AT = 1_700_000_000_000;
const line = (msg: string): LogLine => ({ ts: AT, level: 'INFO', msg, state: 'TRAINING' });
const MANY = 1_000_000;

describe('the log of a run', () => {
  const store = () => runLogStore(server.table);
  const messages = async (runId: string, from = 0, limit = MANY) =>
    (await store().read(runId, from, limit)).map(({ msg }) => msg);

  test('is read from any line on, as far as asked', async () => {
    const runId = newId();
    await store().append(runId, [line('a'), line('b')]);
    await store().append(runId, [line('c')]);
    await store().append(runId, []);
    expect(await messages(runId)).toEqual(['a', 'b', 'c']);
    expect(await messages(runId, 1)).toEqual(['b', 'c']);
    expect(await messages(runId, 1, 1)).toEqual(['b']);
    expect(await messages(runId, 3)).toEqual([]);
    expect(await messages(runId, 1e300)).toEqual([]);
    expect(await messages(newId())).toEqual([]);
  });

  test('has every line of fifty who write at once', async () => {
    const runId = newId();
    await race((racer) => store().append(runId, [line(`${racer} first`), line(`${racer} second`)]));
    const found = await messages(runId);
    expect(found).toHaveLength(100);
    for (let racer = 0; racer < 50; racer++) {
      expect(found.indexOf(`${racer} second`)).toBe(found.indexOf(`${racer} first`) + 1);
    }
  });

  test('has lines once that are sent again', async () => {
    const runId = newId();
    const large = Array.from({ length: 12 }, (_, index) => line(`${index} ${'x'.repeat(80_000)}`));
    await store().append(runId, large);
    await store().append(runId, large);
    expect(await messages(runId)).toEqual(large.map(({ msg }) => msg));
    await store().append(runId, [line('z')]);
    await store().append(runId, large.slice(0, 1));
    expect(await messages(runId)).toHaveLength(14);
  });
});

test('an artifact is replaced until its upload is confirmed', async () => {
  const store = uploadStore(server.table);
  const upload: Upload = {
    ...{ id: newId(), runId: newId(), type: 'CHECKPOINT', fileName: 'checkpoint.ckpt', key: 'k' },
    createdAt: AT,
  };
  await store.confirm(upload, AT);
  expect(await store.list(upload.runId)).toEqual([]);
  await store.create({ ...upload, type: 'LOG' });
  expect(await store.create(upload)).toEqual(upload);
  await store.confirm(upload, AT + 1);
  await store.confirm(upload, AT + 2);
  const confirmed = { ...upload, confirmedAt: AT + 1 };
  expect(await store.create({ ...upload, type: 'LOG' })).toEqual(confirmed);
  expect(await store.list(upload.runId)).toEqual([confirmed]);
});

test('runs of everybody are listed newest first with owner and dataset, also those without one', async () => {
  const store = runStore(server.table);
  const {
    datasetId: _,
    scheduledId: __,
    configId: ___,
    ...alone
  } = aRun({ createdAt: AT, isExternal: true });
  const ofDataset = aRun({ createdAt: AT + 1 });
  await store.create(alone);
  await store.create(ofDataset);
  expect(await collect(store.listEntries())).toEqual([
    { id: ofDataset.id, userId: ofDataset.userId, datasetId: ofDataset.datasetId },
    { id: alone.id, userId: alone.userId },
  ]);
  expect(await collect(store.listIds(ofDataset.datasetId))).toEqual([ofDataset.id]);
  expect(await store.getMany([alone.id, newId(), ofDataset.id])).toEqual([alone, ofDataset]);
});

test('the last message of a run is restated, unless the run has moved on', async () => {
  const store = runStore(server.table);
  const run = await store.create(aRun());
  const training = await store.advance(run.id, 'TRAINING', 'epoch 1', AT);
  await store.restate(training, 'epoch 2', AT + 1);
  await store.restate(training, 'late', AT + 2);
  const messages = [{ at: AT + 1, state: 'TRAINING', message: 'epoch 2' }];
  expect(await store.get(run.id)).toMatchObject({ messages, lastModifiedAt: AT + 1 });
});
