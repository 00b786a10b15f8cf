import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { NotFoundError } from '#contracts/errors';
import { fanOut } from '../../functions/complete/fan-out.ts';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import { completedRun } from '../support/completed-run.ts';
import { newId } from '../support/documents.ts';
import { runOf } from '../support/run-outcome.ts';
import { newDataset, type RunWorld, scheduleRun, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

const sent = async () => ({
  exports: await world.received<{ format: string }>('exportQueue'),
  archives: await world.received('archiveQueue'),
});

describe('fanning out', () => {
  test('sends a message per format and one to the archive, and says what the settings were', async () => {
    const exports = { formats: ['csv', 'sama'], readUrls: 'signed', readUrlExpirySeconds: 3600 };
    const { dataset, run } = await completedRun(world, { exports });
    const ids = { datasetId: dataset.id, runId: run.id };
    await fanOut(ids, world);
    const { exports: messages, archives } = await sent();
    expect(messages.toSorted((a, b) => (a.format < b.format ? -1 : 1))).toEqual(
      ['csv', 'sama'].map((format) => ({ ...ids, format, ...exports })),
    );
    expect(archives).toEqual([ids]);
    expect((await world.runs.get(run.id))?.fannedOutAt).toBeGreaterThan(0);
  });

  test('once is enough', async () => {
    const { dataset, run } = await completedRun(world);
    await fanOut({ datasetId: dataset.id, runId: run.id }, world);
    expect((await sent()).exports).toHaveLength(8);
    await fanOut({ datasetId: dataset.id, runId: run.id }, world);
    expect(await sent()).toEqual({ exports: [], archives: [] });
  });

  test('happens again where the first try died before it was recorded', async () => {
    const { dataset, run } = await completedRun(world, { exports: { formats: ['csv'] } });
    const message = { datasetId: dataset.id, runId: run.id };
    const runs = { ...world.runs, recordFanOut: () => Promise.reject(new Error('killed')) };
    await expect(fanOut(message, { ...world, runs })).rejects.toThrow('killed');
    await fanOut(message, world);
    const { exports, archives } = await sent();
    expect([exports.length, archives.length]).toEqual([2, 2]);
  });

  test('without a tag there is nothing to export, and a disabled archive gets nothing', async () => {
    const dataset = await newDataset(world);
    const message = await scheduleRun(world, dataset);
    await carryOutRun(message, world);
    const { run } = await runOf(world, message.scheduledId);
    await fanOut({ datasetId: dataset.id, runId: run.id }, world);
    expect(await sent()).toMatchObject({ exports: [], archives: [{ runId: run.id }] });

    const quiet = await completedRun(world, { archive: { enabled: false }, exports: { formats: [] } });
    await fanOut({ datasetId: quiet.dataset.id, runId: quiet.run.id }, world);
    expect(await sent()).toEqual({ exports: [], archives: [] });
  });

  test('an unknown run is an error', async () => {
    const { id: datasetId } = await newDataset(world);
    await expect(fanOut({ datasetId, runId: newId() }, world)).rejects.toThrow(NotFoundError);
  });
});
