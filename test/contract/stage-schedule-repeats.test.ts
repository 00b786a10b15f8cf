import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dyingAfter } from '../support/dying-process.ts';
import { DUE, type ScheduleStage, SECOND, startScheduleStage } from '../support/schedule-stage.ts';

let stage: ScheduleStage;

beforeAll(async () => {
  stage = await startScheduleStage();
});
afterAll(() => stage.stop());

describe('a schedule check that goes wrong', () => {
  test('delivered three times at once: one scheduled run', async () => {
    const datasetId = await stage.datasetWithImages(2);
    const { scheduledId } = (await stage.deps.intake.get(datasetId))!;
    stage.clock.now += DUE;
    await Promise.all([stage.check(datasetId), stage.check(datasetId), stage.check(datasetId)]);
    expect((await stage.deps.scheduledRuns.listUnfinished(datasetId)).map(({ id }) => id)).toEqual([
      scheduledId,
    ]);
    expect(new Set(stage.runQueue.take().map(({ message }) => message.scheduledId))).toEqual(
      new Set([scheduledId]),
    );
    expect(await stage.deps.intake.get(datasetId)).toBeUndefined();
  });

  test('an image arrives while the run is being scheduled: the intake goes on with a check of its own', async () => {
    const datasetId = await stage.datasetWithImages(2);
    const { scheduledId } = (await stage.deps.intake.get(datasetId))!;
    stage.clock.now += DUE;
    const send: ScheduleStage['runQueue']['send'] = async (message) => {
      await stage.runQueue.send(message);
      await stage.arrive(datasetId, 'meanwhile.jpg');
    };
    await stage.check(datasetId, { ...stage.deps, runQueue: { send } });
    expect(stage.scheduleQueue.take()).toEqual([{ message: { datasetId }, delaySeconds: 60 }]);
    const next = await stage.deps.intake.get(datasetId);
    expect(next).toMatchObject({ firstArrivalAt: stage.clock.now, checkAt: stage.clock.now + 60 * SECOND });
    expect(next?.scheduledId).not.toBe(scheduledId);
  });

  test('killed between any two calls while it is put off, and delivered again: a check is under way', async () => {
    for (let calls = 0; ; calls++) {
      const datasetId = await stage.datasetWithImages(2);
      stage.clock.now += 59 * SECOND;
      await stage.arrive(datasetId, 'late.jpg');
      stage.clock.now += SECOND;
      const dying = dyingAfter(stage.deps, calls);
      await stage.check(datasetId, dying.deps).catch(() => undefined);
      if (!dying.died()) break;
      await stage.checkAgain(datasetId);
      const sent = stage.scheduleQueue.take();
      expect({ calls, sent }).toEqual({
        calls,
        sent: [{ message: { datasetId }, delaySeconds: expect.any(Number) }],
      });
      const { checkAt } = (await stage.deps.intake.get(datasetId))!;
      expect(stage.clock.now + sent[0]!.delaySeconds * SECOND).toBe(checkAt);
    }
  });

  test('killed between any two calls and delivered again: one scheduled run, sent, and the intake is over', async () => {
    let deaths = 0;
    for (let calls = 0; ; calls++) {
      const datasetId = await stage.datasetWithImages(2);
      const { scheduledId } = (await stage.deps.intake.get(datasetId))!;
      stage.clock.now += DUE;
      const dying = dyingAfter(stage.deps, calls);
      await stage.check(datasetId, dying.deps).catch(() => undefined);
      if (!dying.died()) break;
      deaths += 1;
      await stage.checkAgain(datasetId);
      const unfinished = await stage.deps.scheduledRuns.listUnfinished(datasetId);
      expect({ calls, ids: unfinished.map(({ id }) => id) }).toEqual({ calls, ids: [scheduledId] });
      expect(await stage.deps.workerConfigs.get(scheduledId)).toBeDefined();
      expect(stage.runQueue.take()[0]?.message).toEqual({ datasetId, scheduledId });
      expect(await stage.deps.intake.get(datasetId)).toBeUndefined();
    }
    // Intake, dataset, decision, config, run, message and close at least.
    expect(deaths).toBeGreaterThanOrEqual(7);
  });
});
