import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { runStore } from '#aws/run-store';
import { scheduledRunStore } from '#aws/scheduled-run-store';
import type { Dataset, Run, ScheduledRun } from '#contracts/items';
import type { CompletionMessage, RunMessage, ScheduleCheckMessage } from '#contracts/messages';
import type { ReconcileObservation } from '#contracts/object-event';
import { newObjectId } from '#contracts/schema';
import { ingestMessage } from '../../functions/ingest/ingest-message.ts';
import { reconcile } from '../../functions/reconcile/reconcile.ts';
import type { ReconcileDeps } from '../../functions/reconcile/reconcile-deps.ts';
import { type IngestStage, startIngestStage } from '../support/ingest-stage.ts';
import { FIRST_DELIVERY } from '../support/lambda-invocation.ts';
import { photo } from '../support/photos.ts';
import { registeredRawSample } from '../support/raw-samples.ts';
import { recordedQueue } from '../support/recorded-queue.ts';
import { recordedTelemetry } from '../support/recorded-telemetry.ts';

const MINUTE = 60_000;
const enoughTime = { thorough: true, timeIsUp: () => false };
let stage: IngestStage;
let deps: ReturnType<typeof reconcileDeps>;

function reconcileDeps() {
  const { table, datasets, objects, buckets, clock } = stage;
  return {
    datasets,
    rawSamples: stage.deps.rawSamples,
    intake: stage.deps.intake,
    scheduledRuns: scheduledRunStore(table),
    runs: runStore(table),
    landing: objects,
    landingBucket: buckets.landing,
    ingestQueue: recordedQueue<ReconcileObservation>(),
    scheduleQueue: recordedQueue<ScheduleCheckMessage>(),
    runQueue: recordedQueue<RunMessage>(),
    completeQueue: recordedQueue<CompletionMessage>(),
    isNewRequest: () => true,
    youngestObjectMs: 2 * MINUTE,
    telemetry: recordedTelemetry(),
    now: () => clock.now,
    newId: () => newObjectId(clock.now),
  } satisfies ReconcileDeps;
}

beforeAll(async () => {
  stage = await startIngestStage();
  // The storage server dates objects by the real clock: they are ten minutes old.
  stage.clock.now = Date.now() + 10 * MINUTE;
});
afterAll(() => stage.stop());
/** Each test sees only what its own changes bring about: everything before is repaired. */
beforeEach(async () => {
  deps = reconcileDeps();
  await repairObjects();
  deps = reconcileDeps();
});

const observed = () => deps.ingestQueue.take().map(({ message }) => message);
async function repairObjects(): Promise<ReconcileObservation[]> {
  await reconcile(enoughTime, deps);
  const observations = observed();
  for (const message of observations)
    await ingestMessage(JSON.stringify(message), stage.deps, FIRST_DELIVERY);
  return observations;
}
let datasetsMade = 0;
const newName = () => `lost-${++datasetsMade}`;

describe('objects that events have missed', () => {
  test('in a dataset that nobody knows yet: ingest makes it', async () => {
    const name = newName();
    await stage.landing.put(`${name}/a b+c.jpg`, await photo(1));
    expect(await repairObjects()).toMatchObject([{ event: { kind: 'created', key: `${name}/a b+c.jpg` } }]);
    expect(await stage.rawSample(name, 'a b+c.jpg')).toMatchObject({ state: 'registered' });
    expect(deps.telemetry.total('ObjectsMissed')).toBe(1);
    expect(await repairObjects()).toEqual([]);
  });

  test('replaced, removed and restored ones: the registry is what the bucket is', async () => {
    const name = newName();
    const put = async (file: string, scene: number) =>
      stage.landing.put(`${name}/${file}`, await photo(scene));
    await stage.deliver(await put('replaced.jpg', 1), await put('removed.jpg', 2), await put('kept.jpg', 3));
    await stage.deliver(await put('restored.jpg', 4), await stage.landing.remove(`${name}/restored.jpg`));
    const kept = await stage.rawSample(name, 'kept.jpg');
    await put('replaced.jpg', 5);
    await put('restored.jpg', 4);
    await stage.landing.remove(`${name}/removed.jpg`);

    const kinds = (await repairObjects()).map(({ event: { kind, key } }) => `${kind} ${key.split('/')[1]}`);
    expect(kinds.toSorted()).toEqual(['created replaced.jpg', 'created restored.jpg', 'removed removed.jpg']);
    expect(await stage.rawSample(name, 'removed.jpg')).toMatchObject({ state: 'deleted' });
    expect(await stage.rawSample(name, 'restored.jpg')).toMatchObject({ state: 'registered' });
    const { eTag } = (await stage.objects.head({
      bucket: stage.buckets.landing,
      key: `${name}/replaced.jpg`,
    }))!;
    expect(await stage.rawSample(name, 'replaced.jpg')).toMatchObject({ state: 'registered', eTag });
    expect(await stage.rawSample(name, 'kept.jpg')).toEqual(kept);
    expect(await repairObjects()).toEqual([]);
  });

  test('the last object of a dataset: gone like any other', async () => {
    const name = newName();
    await stage.deliver(await stage.landing.put(`${name}/only.jpg`, await photo(1)));
    await stage.landing.remove(`${name}/only.jpg`);
    expect(await repairObjects()).toMatchObject([{ event: { kind: 'removed' } }]);
    expect(await stage.rawSample(name, 'only.jpg')).toMatchObject({ state: 'deleted' });
  });

  test('young ones, and what is no image of a dataset, are left alone', async () => {
    const name = newName();
    await stage.landing.put(`${name}/young.jpg`, await photo(1));
    await stage.landing.put(`${name}/.lightly/thumbnails/x.webp`, await photo(1));
    await stage.landing.put('outside.jpg', await photo(1));
    await reconcile(enoughTime, { ...deps, youngestObjectMs: 11 * MINUTE });
    expect(observed()).toEqual([]);
    expect((await repairObjects()).map(({ event }) => event.key)).toEqual([`${name}/young.jpg`]);
  });

  test('asked for a short while ago: not again', async () => {
    await stage.landing.put(`${newName()}/a.jpg`, await photo(1));
    await reconcile(enoughTime, { ...deps, isNewRequest: () => false });
    expect(observed()).toEqual([]);
  });

  test('a round without time left asks for nothing, ends well and says so', async () => {
    await stage.landing.put(`${newName()}/a.jpg`, await photo(1));
    await reconcile({ thorough: true, timeIsUp: () => true }, deps);
    expect(observed()).toEqual([]);
    expect(deps.telemetry.logged.some(({ message }) => message.startsWith('The round ends before'))).toBe(
      true,
    );
  });
});

async function newDataset(): Promise<Dataset> {
  return stage.deps.ensureDataset(newName());
}
const addImage = ({ id }: Dataset) =>
  stage.deps.rawSamples.write(registeredRawSample(id, 'a.jpg', stage.clock.now), {
    by: 'sequencer',
    sequencer: '01',
  });
/** What one repair looks at, without the objects of the landing bucket. */
const runRound = () =>
  reconcile({ thorough: false, timeIsUp: () => false }, { ...deps, landing: emptyBucket });
const emptyBucket: ReconcileDeps['landing'] = {
  list: async function* () {},
  head: async () => ({ eTag: '', size: 0, lastModified: 0, metadata: {} }),
};
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
    await deps.scheduledRuns.create(scheduled(busy, {}));
    const few = await newDataset();
    await stage.configure(few.name, { schedule: { minNewImages: 2 } });
    await addImage(few);
    await runRound();
    const asked = deps.scheduleQueue.take().map(({ message }) => message.datasetId);
    expect(asked).not.toContain(busy.id);
    expect(asked).not.toContain(few.id);
  });
});

function scheduled({ id: datasetId }: Dataset, changes: Partial<ScheduledRun>): ScheduledRun {
  const id = deps.newId();
  const at = stage.clock.now;
  return {
    ...{
      id,
      datasetId,
      configId: id,
      priority: 'MID',
      runsOn: [],
      state: 'OPEN',
      createdAt: at,
      lastModifiedAt: at,
    },
    ...changes,
  };
}
function runOf({ id: scheduledId, datasetId }: ScheduledRun, changes: Partial<Run>): Run {
  const at = stage.clock.now;
  return {
    ...{ id: deps.newId(), datasetId, scheduledId, configId: scheduledId, state: 'SAMPLING', messages: [] },
    ...{ createdAt: at, lastModifiedAt: at, heartbeatAt: at, cutoff: at },
    ...changes,
  };
}
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
    await runRound();
    expect(deps.completeQueue.take()).toEqual([]);
    stage.clock.now += MINUTE + 1;
    await runRound();
    const message = { datasetId: dataset.id, runId: forgotten.id };
    expect(deps.completeQueue.take()).toEqual([{ message, delaySeconds: 0 }]);
    expect(deps.telemetry.total('CompletionsForgotten')).toBe(1);
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
    const failing = { ...deps, landing: emptyBucket, rawSamples: { ...deps.rawSamples, countPending } };
    await expect(reconcile(enoughTime, failing)).rejects.toMatchObject({ code: 'REPAIRS_FAILED' });
    expect(scheduleChecksOf(other)).toHaveLength(1);
    expect(deps.telemetry.logged).toContainEqual(
      expect.objectContaining({ level: 'error', fields: expect.objectContaining({ datasetId: broken.id }) }),
    );
  });
});
