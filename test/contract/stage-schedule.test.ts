import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ADMINISTRATOR_ID } from '#contracts/access';
import { DUE, type ScheduleStage, SECOND, startScheduleStage } from '../support/schedule-stage.ts';

let stage: ScheduleStage;

beforeAll(async () => {
  stage = await startScheduleStage();
});
afterAll(() => stage.stop());

describe('a schedule check', () => {
  test('of a dataset that has been quiet: one run by its settings, and the intake is over', async () => {
    const selection = {
      nSamples: 5,
      strategies: [{ input: { type: 'RANDOM' }, strategy: { type: 'WEIGHTS' } }],
    };
    const datasetId = await stage.datasetWithImages(2, {
      schedule: { quietPeriodSeconds: 60, priority: 'HIGH', runsOn: ['gpu'] },
      run: { useDatapool: false, corruptionThreshold: 0.25, selection },
    });
    const { scheduledId } = (await stage.deps.intake.get(datasetId))!;
    stage.clock.now += DUE;
    await stage.check(datasetId);

    expect(stage.runQueue.take()).toEqual([{ message: { datasetId, scheduledId }, delaySeconds: 0 }]);
    expect(await stage.deps.scheduledRuns.get(scheduledId)).toMatchObject({
      ...{
        id: scheduledId,
        datasetId,
        state: 'OPEN',
        priority: 'HIGH',
        runsOn: ['gpu'],
        createdAt: stage.clock.now,
      },
    });
    const config = await stage.deps.workerConfigs.get(scheduledId);
    expect(config).toMatchObject({ userId: ADMINISTRATOR_ID, datasetId, version: 'V4' });
    expect(JSON.parse(config?.document ?? '')).toEqual({
      workerType: 'FULL',
      docker: {
        useDatapool: false,
        corruptnessCheck: { corruptionThreshold: 0.25 },
        datasource: { processAll: false },
      },
      selection,
    });
    expect(await stage.deps.intake.get(datasetId)).toBeUndefined();
    expect(stage.scheduleQueue.take()).toEqual([]);
  });

  test('while images keep arriving: put off to the end of the quiet period, in whole seconds', async () => {
    const datasetId = await stage.datasetWithImages(2);
    stage.clock.now += 59.5 * SECOND;
    await stage.arrive(datasetId, 'late.jpg');
    stage.clock.now += 0.6 * SECOND;
    await stage.check(datasetId);
    expect(stage.runQueue.take()).toEqual([]);
    expect(stage.scheduleQueue.take()).toEqual([{ message: { datasetId }, delaySeconds: 60 }]);
    expect((await stage.deps.intake.get(datasetId))?.checkAt).toBe(stage.clock.now + 60 * SECOND);
  });

  test('delivered once more after it was put off: nothing is sent', async () => {
    const datasetId = await stage.datasetWithImages(2);
    stage.clock.now += 59 * SECOND;
    await stage.arrive(datasetId, 'late.jpg');
    stage.clock.now += SECOND;
    await Promise.all([stage.check(datasetId), stage.check(datasetId), stage.check(datasetId)]);
    expect(stage.scheduleQueue.take()).toHaveLength(1);
    await stage.check(datasetId);
    expect(stage.scheduleQueue.take()).toEqual([]);
  });

  test('that has waited for the longest wait allowed: a run, though images keep arriving', async () => {
    const datasetId = await stage.datasetWithImages(1, {
      schedule: { quietPeriodSeconds: 60, maxWaitSeconds: 100 },
    });
    for (let waited = 0; waited < 100; waited += 50) {
      stage.clock.now += 50 * SECOND;
      await stage.arrive(datasetId, `${waited}-more.jpg`);
    }
    await stage.check(datasetId);
    expect(stage.runQueue.take()).toHaveLength(1);
  });

  test('of a wait longer than a queue can delay: as late as it can', async () => {
    const datasetId = await stage.datasetWithImages(1, {
      schedule: { quietPeriodSeconds: 900, maxWaitSeconds: 86_400 },
    });
    stage.clock.now += 60 * SECOND;
    await stage.check(datasetId);
    expect(stage.scheduleQueue.take()).toEqual([{ message: { datasetId }, delaySeconds: 840 }]);
  });

  test('of too few images: the intake is over and the next image begins another', async () => {
    const datasetId = await stage.datasetWithImages(1);
    stage.clock.now += DUE;
    await stage.check(datasetId);
    expect(stage.runQueue.take()).toEqual([]);
    expect(await stage.deps.intake.get(datasetId)).toBeUndefined();
  });

  test.each(['locked', 'waiting'])('while another run of the dataset is %s: later', async (how) => {
    const datasetId = await stage.datasetWithImages(2);
    const other = stage.deps.newId();
    if (how === 'locked') await stage.deps.datasets.lock(datasetId, other);
    else {
      await stage.deps.scheduledRuns.create({
        ...{
          id: other,
          userId: other,
          datasetId,
          configId: other,
          priority: 'LOW',
          runsOn: [],
          state: 'OPEN',
        },
        ...{ createdAt: stage.clock.now, lastModifiedAt: stage.clock.now },
      });
    }
    stage.clock.now += DUE;
    await stage.check(datasetId);
    expect(stage.runQueue.take()).toEqual([]);
    expect(stage.scheduleQueue.take()).toEqual([{ message: { datasetId }, delaySeconds: 60 }]);
  });

  test('of a dataset that is paused: put off until the pause is over, for nobody else need ask again', async () => {
    const datasetId = await stage.datasetWithImages(2);
    await stage.deps.datasets.pause(datasetId, stage.clock.now);
    stage.clock.now += DUE;
    for (let check = 0; check < 3; check++) {
      await stage.check(datasetId);
      expect(stage.runQueue.take()).toEqual([]);
      expect(stage.scheduleQueue.take()).toEqual([{ message: { datasetId }, delaySeconds: 300 }]);
      stage.clock.now += 300 * SECOND;
    }
    await stage.deps.datasets.resume(datasetId);
    await stage.check(datasetId);
    expect(stage.runQueue.take()).toHaveLength(1);
    expect(await stage.deps.intake.get(datasetId)).toBeUndefined();
  });

  test('of a dataset without an intake: nothing', async () => {
    const datasetId = await stage.datasetWithImages(0);
    await stage.check(datasetId);
    expect([...stage.runQueue.take(), ...stage.scheduleQueue.take()]).toEqual([]);
    expect(stage.deps.telemetry.total('ChecksOutdated')).toBeGreaterThan(0);
  });
});
