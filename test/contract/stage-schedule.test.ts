import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { datasetStore } from '#aws/dataset-store';
import { intakeStore } from '#aws/intake-store';
import { rawSampleStore } from '#aws/raw-sample-store';
import { scheduledRunStore } from '#aws/scheduled-run-store';
import { workerConfigStore } from '#aws/worker-config-store';
import type { RunMessage, ScheduleCheckMessage } from '#contracts/messages';
import { newObjectId } from '#contracts/schema';
import { datasetSettings } from '#contracts/settings';
import { newLandingDataset } from '#platform/datasets';
import { checkDataset, type ScheduleDeps } from '../../functions/schedule/check-dataset.ts';
import { startTableServer, type TableServer } from '../support/aws-servers.ts';
import { dyingAfter } from '../support/dying-process.ts';
import { FIRST_DELIVERY, REDELIVERY } from '../support/lambda-invocation.ts';
import { registeredRawSample } from '../support/raw-samples.ts';
import { recordedQueue } from '../support/recorded-queue.ts';
import { recordedTelemetry } from '../support/recorded-telemetry.ts';

const SECOND = 1_000;
/** The quiet period is over, also for arrivals that share a millisecond and are noted as one after the other. */
const DUE = 61 * SECOND;
const clock = { now: 1_700_000_000_000 };
const runQueue = recordedQueue<RunMessage>();
const scheduleQueue = recordedQueue<ScheduleCheckMessage>();
let server: TableServer;
let deps: ReturnType<typeof scheduleDeps>;
let datasetsMade = 0;

function scheduleDeps() {
  const { table } = server;
  return {
    datasets: datasetStore(table, () => clock.now),
    rawSamples: rawSampleStore(table),
    intake: intakeStore(table),
    workerConfigs: workerConfigStore(table),
    scheduledRuns: scheduledRunStore(table),
    ...{ runQueue, scheduleQueue, telemetry: recordedTelemetry() },
    now: () => clock.now,
    newId: () => newObjectId(clock.now),
  } satisfies ScheduleDeps;
}

beforeAll(async () => {
  server = await startTableServer();
  deps = scheduleDeps();
});
afterAll(() => server.stop());

/** A dataset with images that have just arrived and an intake whose check is due after the quiet period. */
async function datasetWithImages(images: number, settings: object = {}) {
  const buckets = { landing: 'landing', platform: 'platform' };
  const document = {
    schedule: { quietPeriodSeconds: 60, minNewImages: 2, maxWaitSeconds: 900 },
    ...settings,
  };
  const made = await deps.datasets.ensure(`queue-${++datasetsMade}`, (id) => ({
    ...newLandingDataset(id, `queue-${datasetsMade}`, buckets, clock.now),
    settings: datasetSettings.parse(document),
  }));
  for (let image = 0; image < images; image++) await arrive(made.id, `${image}.jpg`);
  runQueue.take();
  scheduleQueue.take();
  return made.id;
}

async function arrive(datasetId: string, fileName: string) {
  await deps.rawSamples.write(registeredRawSample(datasetId, fileName, clock.now), {
    by: 'sequencer',
    sequencer: '01',
  });
  await deps.intake.noteArrival({
    ...{ datasetId, scheduledId: deps.newId(), at: clock.now },
    checkAt: clock.now + 60 * SECOND,
  });
}

const check = (datasetId: string, using: ScheduleDeps = deps) =>
  checkDataset({ datasetId }, using, FIRST_DELIVERY);
const checkAgain = (datasetId: string) => checkDataset({ datasetId }, deps, REDELIVERY);

describe('a schedule check', () => {
  test('of a dataset that has been quiet: one run by its settings, and the intake is over', async () => {
    const selection = {
      nSamples: 5,
      strategies: [{ input: { type: 'RANDOM' }, strategy: { type: 'WEIGHTS' } }],
    };
    const datasetId = await datasetWithImages(2, {
      schedule: { quietPeriodSeconds: 60, priority: 'HIGH', runsOn: ['gpu'] },
      run: { useDatapool: false, corruptionThreshold: 0.25, selection },
    });
    const { scheduledId } = (await deps.intake.get(datasetId))!;
    clock.now += DUE;
    await check(datasetId);

    expect(runQueue.take()).toEqual([{ message: { datasetId, scheduledId }, delaySeconds: 0 }]);
    expect(await deps.scheduledRuns.get(scheduledId)).toMatchObject({
      ...{
        id: scheduledId,
        datasetId,
        state: 'OPEN',
        priority: 'HIGH',
        runsOn: ['gpu'],
        createdAt: clock.now,
      },
    });
    expect(await deps.workerConfigs.get(scheduledId)).toMatchObject({
      docker: {
        useDatapool: false,
        corruptnessCheck: { corruptionThreshold: 0.25 },
        datasource: { processAll: false },
      },
      selection,
    });
    expect(await deps.intake.get(datasetId)).toBeUndefined();
    expect(scheduleQueue.take()).toEqual([]);
  });

  test('while images keep arriving: put off to the end of the quiet period, in whole seconds', async () => {
    const datasetId = await datasetWithImages(2);
    clock.now += 59.5 * SECOND;
    await arrive(datasetId, 'late.jpg');
    clock.now += 0.6 * SECOND;
    await check(datasetId);
    expect(runQueue.take()).toEqual([]);
    expect(scheduleQueue.take()).toEqual([{ message: { datasetId }, delaySeconds: 60 }]);
    expect((await deps.intake.get(datasetId))?.checkAt).toBe(clock.now + 60 * SECOND);
  });

  test('delivered once more after it was put off: nothing is sent', async () => {
    const datasetId = await datasetWithImages(2);
    clock.now += 59 * SECOND;
    await arrive(datasetId, 'late.jpg');
    clock.now += SECOND;
    await Promise.all([check(datasetId), check(datasetId), check(datasetId)]);
    expect(scheduleQueue.take()).toHaveLength(1);
    await check(datasetId);
    expect(scheduleQueue.take()).toEqual([]);
  });

  test('that has waited for the longest wait allowed: a run, though images keep arriving', async () => {
    const datasetId = await datasetWithImages(1, {
      schedule: { quietPeriodSeconds: 60, maxWaitSeconds: 100 },
    });
    for (let waited = 0; waited < 100; waited += 50) {
      clock.now += 50 * SECOND;
      await arrive(datasetId, `${waited}-more.jpg`);
    }
    await check(datasetId);
    expect(runQueue.take()).toHaveLength(1);
  });

  test('of a wait longer than a queue can delay: as late as it can', async () => {
    const datasetId = await datasetWithImages(1, {
      schedule: { quietPeriodSeconds: 900, maxWaitSeconds: 86_400 },
    });
    clock.now += 60 * SECOND;
    await check(datasetId);
    expect(scheduleQueue.take()).toEqual([{ message: { datasetId }, delaySeconds: 840 }]);
  });

  test('of too few images: the intake is over and the next image begins another', async () => {
    const datasetId = await datasetWithImages(1);
    clock.now += DUE;
    await check(datasetId);
    expect(runQueue.take()).toEqual([]);
    expect(await deps.intake.get(datasetId)).toBeUndefined();
  });

  test.each(['locked', 'waiting'])('while another run of the dataset is %s: later', async (how) => {
    const datasetId = await datasetWithImages(2);
    const other = deps.newId();
    if (how === 'locked') await deps.datasets.lock(datasetId, other);
    else {
      await deps.scheduledRuns.create({
        ...{ id: other, datasetId, configId: other, priority: 'LOW', runsOn: [], state: 'OPEN' },
        ...{ createdAt: clock.now, lastModifiedAt: clock.now },
      });
    }
    clock.now += DUE;
    await check(datasetId);
    expect(runQueue.take()).toEqual([]);
    expect(scheduleQueue.take()).toEqual([{ message: { datasetId }, delaySeconds: 60 }]);
  });

  test('of a dataset without an intake: nothing', async () => {
    const datasetId = await datasetWithImages(0);
    await check(datasetId);
    expect([...runQueue.take(), ...scheduleQueue.take()]).toEqual([]);
    expect(deps.telemetry.total('ChecksOutdated')).toBeGreaterThan(0);
  });
});

describe('a schedule check that goes wrong', () => {
  test('delivered three times at once: one scheduled run', async () => {
    const datasetId = await datasetWithImages(2);
    const { scheduledId } = (await deps.intake.get(datasetId))!;
    clock.now += DUE;
    await Promise.all([check(datasetId), check(datasetId), check(datasetId)]);
    expect((await deps.scheduledRuns.listUnfinished(datasetId)).map(({ id }) => id)).toEqual([scheduledId]);
    expect(new Set(runQueue.take().map(({ message }) => message.scheduledId))).toEqual(
      new Set([scheduledId]),
    );
    expect(await deps.intake.get(datasetId)).toBeUndefined();
  });

  test('an image arrives while the run is being scheduled: the intake goes on with a check of its own', async () => {
    const datasetId = await datasetWithImages(2);
    const { scheduledId } = (await deps.intake.get(datasetId))!;
    clock.now += DUE;
    const send: typeof runQueue.send = async (message) => {
      await runQueue.send(message);
      await arrive(datasetId, 'meanwhile.jpg');
    };
    await check(datasetId, { ...deps, runQueue: { send } });
    expect(scheduleQueue.take()).toEqual([{ message: { datasetId }, delaySeconds: 60 }]);
    const next = await deps.intake.get(datasetId);
    expect(next).toMatchObject({ firstArrivalAt: clock.now, checkAt: clock.now + 60 * SECOND });
    expect(next?.scheduledId).not.toBe(scheduledId);
  });

  test('killed between any two calls while it is put off, and delivered again: a check is under way', async () => {
    for (let calls = 0; ; calls++) {
      const datasetId = await datasetWithImages(2);
      clock.now += 59 * SECOND;
      await arrive(datasetId, 'late.jpg');
      clock.now += SECOND;
      const dying = dyingAfter(deps, calls);
      await check(datasetId, dying.deps).catch(() => undefined);
      if (!dying.died()) break;
      await checkAgain(datasetId);
      const sent = scheduleQueue.take();
      expect({ calls, sent }).toEqual({
        calls,
        sent: [{ message: { datasetId }, delaySeconds: expect.any(Number) }],
      });
      const { checkAt } = (await deps.intake.get(datasetId))!;
      expect(clock.now + sent[0]!.delaySeconds * SECOND).toBe(checkAt);
    }
  });

  test('killed between any two calls and delivered again: one scheduled run, sent, and the intake is over', async () => {
    let deaths = 0;
    for (let calls = 0; ; calls++) {
      const datasetId = await datasetWithImages(2);
      const { scheduledId } = (await deps.intake.get(datasetId))!;
      clock.now += DUE;
      const dying = dyingAfter(deps, calls);
      await check(datasetId, dying.deps).catch(() => undefined);
      if (!dying.died()) break;
      deaths += 1;
      await checkAgain(datasetId);
      const unfinished = await deps.scheduledRuns.listUnfinished(datasetId);
      expect({ calls, ids: unfinished.map(({ id }) => id) }).toEqual({ calls, ids: [scheduledId] });
      expect(await deps.workerConfigs.get(scheduledId)).toBeDefined();
      expect(runQueue.take()[0]?.message).toEqual({ datasetId, scheduledId });
      expect(await deps.intake.get(datasetId)).toBeUndefined();
    }
    // Intake, dataset, decision, config, run, message and close at least.
    expect(deaths).toBeGreaterThanOrEqual(7);
  });
});
