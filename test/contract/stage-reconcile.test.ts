import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Dataset } from '#contracts/items';
import { reconcile } from '../../functions/reconcile/reconcile.ts';
import type { ReconcileDeps } from '../../functions/reconcile/reconcile-deps.ts';
import { type IngestStage, startIngestStage } from '../support/ingest-stage.ts';
import { registeredRawSample } from '../support/raw-samples.ts';
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
  return (await stage.deps.ensureDataset(`lost-${++datasetsMade}`))!;
}
const addImage = ({ id }: Dataset) =>
  stage.deps.rawSamples.write(registeredRawSample(id, 'a.jpg', stage.clock.now), {
    by: 'sequencer',
    sequencer: '01',
  });
/** What one repair looks at, without the objects of the landing bucket. */
const runRound = () =>
  reconcile({ isLong: false, leftMs: () => 15 * 60_000 }, { ...deps, landing: EMPTY_BUCKET });
const scheduleChecksOf = ({ id }: Dataset) =>
  deps.scheduleQueue.take().filter(({ message }) => message.datasetId === id);

describe('schedule checks that were lost', () => {
  test('overdue by more than a minute: sent again', async () => {
    const dataset = await newDataset();
    const at = stage.clock.now;
    await deps.intake.noteArrival({ datasetId: dataset.id, scheduledId: deps.newId(), at, checkAt: at });
    stage.clock.now += MINUTE;
    await runRound();
    expect(scheduleChecksOf(dataset)).toEqual([]);
    stage.clock.now += 1;
    await runRound();
    expect(scheduleChecksOf(dataset)).toHaveLength(1);
  });

  test('images that no intake tells of: an intake and its check', async () => {
    const dataset = await newDataset();
    await addImage(dataset);
    await runRound();
    expect(scheduleChecksOf(dataset)).toEqual([{ message: { datasetId: dataset.id }, delaySeconds: 0 }]);
    expect(await deps.intake.get(dataset.id)).toMatchObject({ checkAt: stage.clock.now });
    await runRound();
    expect(scheduleChecksOf(dataset)).toEqual([]);
  });

  test('images that a run is reading, or too few of them: nothing', async () => {
    const busy = await newDataset();
    await addImage(busy);
    await deps.scheduledRuns.create(aScheduledRun(stage.clock.now, { datasetId: busy.id }));
    const few = await newDataset();
    await stage.configure(few.name, { schedule: { minNewImages: 2 } });
    await addImage(few);
    await runRound();
    const asked = deps.scheduleQueue.take().map(({ message }) => message.datasetId);
    expect(asked).not.toContain(busy.id);
    expect(asked).not.toContain(few.id);
  });

  test('images that a failed run has left: nothing, or it would fail again with every round', async () => {
    const dataset = await newDataset();
    await addImage(dataset);
    const failed = aRun({ datasetId: dataset.id, createdAt: stage.clock.now, state: 'FAILED' });
    await deps.runs.create(failed);
    await runRound();
    expect(scheduleChecksOf(dataset)).toEqual([]);
    await deps.runs.create(
      aRun({
        ...failed,
        id: deps.newId(),
        createdAt: stage.clock.now + 1,
        state: 'COMPLETED',
        fannedOutAt: 1,
      }),
    );
    await runRound();
    expect(scheduleChecksOf(dataset)).toHaveLength(1);
  });
});

describe('a repair that fails', () => {
  test('keeps neither other datasets nor other repairs from theirs, and fails the round at its end', async () => {
    const broken = await newDataset();
    const other = await newDataset();
    await addImage(broken);
    await addImage(other);
    const countPending: ReconcileDeps['rawSamples']['countPending'] = async (datasetId, limit) => {
      if (datasetId === broken.id) throw new Error('This partition does not answer.');
      return stage.deps.rawSamples.countPending(datasetId, limit);
    };
    const failing = { ...deps, landing: EMPTY_BUCKET, rawSamples: { ...deps.rawSamples, countPending } };
    await expect(reconcile({ isLong: false, leftMs: () => 15 * 60_000 }, failing)).rejects.toMatchObject({
      code: 'REPAIRS_FAILED',
    });
    expect(scheduleChecksOf(other)).toHaveLength(1);
    expect(deps.telemetry.logged).toContainEqual(
      expect.objectContaining({ level: 'error', fields: expect.objectContaining({ datasetId: broken.id }) }),
    );
  });
});
