import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ADMINISTRATOR_ID } from '#contracts/access';
import type { Dataset, Run, ScheduledRun } from '#contracts/items';
import { reconcile } from '../../functions/reconcile/reconcile.ts';
import { repairStalledRuns } from '../../functions/reconcile/stalled-runs.ts';
import { type IngestStage, startIngestStage } from '../support/ingest-stage.ts';
import { EMPTY_BUCKET, MINUTE, reconcileDepsOver } from '../support/reconcile-stage.ts';
import { aRun, aScheduledRun } from '../support/runs.ts';

let stage: IngestStage;
let deps: ReturnType<typeof reconcileDepsOver>;

beforeAll(async () => {
  stage = await startIngestStage();
});
afterAll(() => stage.stop());
beforeEach(() => {
  deps = reconcileDepsOver(stage);
});

let datasetsMade = 0;
async function newDataset(): Promise<Dataset> {
  return (await stage.deps.ensureDataset(`stalled-${++datasetsMade}`))!;
}
/** What one repair looks at, without the objects of the landing bucket. */
const runRound = () =>
  reconcile({ isLong: false, leftMs: () => 15 * 60_000 }, { ...deps, landing: EMPTY_BUCKET });
const scheduled = ({ id: datasetId }: Dataset, fields: Partial<ScheduledRun> = {}): ScheduledRun =>
  aScheduledRun(stage.clock.now, { datasetId, ...fields });
const runOf = ({ id: scheduledId, datasetId }: ScheduledRun, fields: Partial<Run> = {}): Run => {
  const at = stage.clock.now;
  const times = { createdAt: at, lastModifiedAt: at, heartbeatAt: at, cutoff: at };
  return aRun({ datasetId, scheduledId, configId: scheduledId, state: 'SAMPLING', ...times, ...fields });
};
const runsSentFor = ({ id }: Dataset) =>
  deps.runQueue
    .take()
    .filter(({ message }) => message.datasetId === id)
    .map(({ message }) => message.scheduledId);

describe('runs that nobody works on', () => {
  test('OPEN in a free dataset: the most urgent is sent, once its own message must have come', async () => {
    const dataset = await newDataset();
    const later = scheduled(dataset, {});
    const urgent = scheduled(dataset, { priority: 'HIGH', createdAt: stage.clock.now + 1 });
    await deps.scheduledRuns.create(later);
    await deps.scheduledRuns.create(urgent);
    await runRound();
    expect(runsSentFor(dataset)).toEqual([]);
    stage.clock.now += MINUTE + 1;
    await runRound();
    expect(runsSentFor(dataset)).toEqual([urgent.id]);
  });

  test('LOCKED by a worker that lives: nothing; by one without a sign of life for two minutes: sent again', async () => {
    const dataset = await newDataset();
    const locked = scheduled(dataset, {});
    const waiting = scheduled(dataset, {});
    const run = runOf(locked, {});
    await deps.scheduledRuns.create(locked);
    await deps.scheduledRuns.create(waiting);
    await deps.datasets.lock(dataset.id, locked.id);
    await deps.scheduledRuns.lock(locked.id, run.id, stage.clock.now);
    await deps.runs.create(run);
    stage.clock.now += 2 * MINUTE;
    await runRound();
    expect(runsSentFor(dataset)).toEqual([]);
    stage.clock.now += 1;
    await runRound();
    expect(runsSentFor(dataset)).toEqual([locked.id]);
    await deps.runs.heartbeat(run.id, stage.clock.now);
    await runRound();
    expect(runsSentFor(dataset)).toEqual([]);
  });

  test('LOCKED and waiting for their datasource: sent when that is right again, or to be canceled', async () => {
    const datasets = [await newDataset(), await newDataset()];
    const [, canceled] = await Promise.all(
      datasets.map(async (dataset) => {
        const waiting = scheduled(dataset);
        const run = runOf(waiting);
        await deps.scheduledRuns.create(waiting);
        await deps.datasets.lock(dataset.id, waiting.id);
        await deps.scheduledRuns.lock(waiting.id, run.id, stage.clock.now);
        await deps.runs.create(run);
        await deps.runs.waitForDatasource(run, 'The role is gone.', stage.clock.now);
        await deps.datasourceStates.noteProblem(dataset.id, 0, {
          ...{ use: 'LIGHTLY', code: 'ROLE_NOT_ASSUMABLE', scope: 'datasource', action: 'sts:AssumeRole' },
          ...{ resource: 'arn', reason: 'The role is gone.', seenAt: stage.clock.now },
        });
        return waiting;
      }),
    );
    stage.clock.now += 60 * MINUTE;
    const sentFor = async () => {
      for (const dataset of datasets) await repairStalledRuns(dataset, deps);
      return deps.runQueue
        .take()
        .map(({ message }) => datasets.findIndex(({ id }) => id === message.datasetId));
    };
    expect(await sentFor()).toEqual([]);
    await deps.scheduledRuns.cancel(canceled!.id, stage.clock.now);
    expect(await sentFor()).toEqual([1]);
    const works = { canList: true, canRead: true, canWrite: true, canOverwrite: true };
    await deps.datasourceStates.noteVerified(datasets[0]!.id, 0, { at: stage.clock.now, ...works });
    expect(await sentFor()).toEqual([0, 1]);
  });

  test('LOCKED by another worker than the built-in one: nothing, dead or alive', async () => {
    const dataset = await newDataset();
    const locked = scheduled(dataset, {});
    await deps.scheduledRuns.create(locked);
    await deps.datasets.lock(dataset.id, locked.id);
    const run = runOf(locked, { isExternal: true });
    await deps.scheduledRuns.lock(locked.id, run.id, stage.clock.now, { workerId: deps.newId() });
    await deps.runs.create(run);
    stage.clock.now += 60 * MINUTE;
    await runRound();
    expect(runsSentFor(dataset)).toEqual([]);
    expect((await stage.datasets.findByName(dataset.name))?.lockedBy).toBe(locked.id);
  });

  test('OPEN and left to a worker with its labels: sent once that worker says nothing for five minutes', async () => {
    const dataset = await newDataset();
    const labelled = scheduled(dataset, { runsOn: ['gpu'] });
    await deps.scheduledRuns.create(labelled);
    const at = stage.clock.now;
    await deps.workers.create({
      ...{ id: deps.newId(), userId: ADMINISTRATOR_ID, name: 'gpu', labels: ['gpu', 'big'], state: 'IDLE' },
      ...{ createdAt: at, lastModifiedAt: at, lastSeenAt: at },
    });
    stage.clock.now += 5 * MINUTE - 1;
    await runRound();
    expect(runsSentFor(dataset)).toEqual([]);
    stage.clock.now += 1;
    await runRound();
    expect(runsSentFor(dataset)).toEqual([labelled.id]);
  });

  test('LOCKED without a run for two minutes: sent again', async () => {
    const dataset = await newDataset();
    const locked = scheduled(dataset, {});
    await deps.scheduledRuns.create(locked);
    await deps.scheduledRuns.lock(locked.id, deps.newId(), stage.clock.now);
    stage.clock.now += 2 * MINUTE + 1;
    await runRound();
    expect(runsSentFor(dataset)).toEqual([locked.id]);
  });

  test.each(['DONE', 'CANCELED', 'unknown'])(
    'a lock of a run that is %s: released, and the next is sent',
    async (end) => {
      const dataset = await newDataset();
      const holder = scheduled(dataset, {});
      const waiting = scheduled(dataset, {});
      if (end !== 'unknown') await deps.scheduledRuns.create(holder);
      await deps.scheduledRuns.create(waiting);
      await deps.datasets.lock(dataset.id, holder.id);
      if (end === 'CANCELED') await deps.scheduledRuns.cancel(holder.id, stage.clock.now);
      if (end === 'DONE') {
        await deps.scheduledRuns.lock(holder.id, deps.newId(), stage.clock.now);
        await deps.scheduledRuns.finish(holder.id, stage.clock.now);
      }
      stage.clock.now += MINUTE + 1;
      await runRound();
      expect(runsSentFor(dataset)).toEqual([waiting.id]);
      expect((await stage.datasets.findByName(dataset.name))?.lockedBy).toBeUndefined();
    },
  );

  test('OPEN and holding the lock, its worker having died in between: that very one is sent', async () => {
    const dataset = await newDataset();
    const older = scheduled(dataset, { priority: 'CRITICAL' });
    const holder = scheduled(dataset, {});
    await deps.scheduledRuns.create(older);
    await deps.scheduledRuns.create(holder);
    await deps.datasets.lock(dataset.id, holder.id);
    stage.clock.now += MINUTE + 1;
    await runRound();
    expect(runsSentFor(dataset)).toEqual([holder.id]);
  });
});

describe('completed runs', () => {
  test('that were not fanned out for a minute: sent to complete; others are not', async () => {
    const dataset = await newDataset();
    const at = stage.clock.now;
    const forgotten = runOf(scheduled(dataset, {}), { state: 'COMPLETED' });
    await deps.runs.create(forgotten);
    await deps.runs.create(runOf(scheduled(dataset, {}), { state: 'COMPLETED', fannedOutAt: at }));
    await deps.runs.create(runOf(scheduled(dataset, {}), { state: 'FAILED' }));
    await deps.runs.create(runOf(scheduled(dataset, {}), { state: 'COMPLETED', isExternal: true }));
    await runRound();
    expect(deps.completeQueue.take()).toEqual([]);
    stage.clock.now += MINUTE + 1;
    await runRound();
    const message = { datasetId: dataset.id, runId: forgotten.id };
    expect(deps.completeQueue.take()).toEqual([{ message, delaySeconds: 0 }]);
    expect(deps.telemetry.total('CompletionsForgotten')).toBe(1);
  });
});
