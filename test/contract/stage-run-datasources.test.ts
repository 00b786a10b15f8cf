import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Dataset, Run, ScheduledRun } from '#contracts/items';
import type { RunMessage } from '#contracts/messages';
import { verifyAndNote } from '#platform/datasources/verify-and-note';
import { startedRun } from '#platform/runs/started-run';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import type { RunDeps } from '../../functions/run/run-deps.ts';
import { policyDocument } from '../../local/access-policy.ts';
import { BY_TILES, cropsOf } from '../support/crop-datasets.ts';
import { PREFIX } from '../support/delegated-bucket.ts';
import { collect, newId } from '../support/documents.ts';
import { entry } from '../support/given-files.ts';
import { lentDataset, putPhoto } from '../support/lent-dataset.ts';
import { type LocalTarget, startLocalTarget } from '../support/local-access-target.ts';
import { outcomeOf, runOf } from '../support/run-outcome.ts';
import { addImage, type RunWorld, scheduleRun, startRunWorld } from '../support/run-world.ts';

/** Seconds that a session lives: some of them end while a test is at work. */
const SESSION_SECONDS = 2;

let target: LocalTarget;
let world: RunWorld;
beforeAll(async () => {
  target = await startLocalTarget({ sessionSecondsCap: SESSION_SECONDS });
  world = await startRunWorld(target.servers);
}, 60_000);
afterAll(() => Promise.all([world.stop(), target.close()]));

type Open = RunDeps['datasetImages']['open'];

/** A worker to which `before` happens each time before it opens an image. */
const workerWith = (before: (image: number) => Promise<unknown>): RunDeps => {
  let images = 0;
  const open: Open = async (...image) => {
    await before(images++);
    return world.datasetImages.open(...image);
  };
  return { ...world, datasetImages: { ...world.datasetImages, open } };
};

/** What reconcile does every few minutes where a datasource has a problem. */
async function verified(dataset: Dataset) {
  await verifyAndNote(dataset, world);
  return (await world.datasourceStates.get(dataset.id))?.problem;
}

/** What a run has come to, without what differs from run to run. */
async function resultOf(dataset: Dataset, { scheduledId }: RunMessage) {
  const { run } = await runOf(world, scheduledId);
  const { state, samples, tags, pending, scheduled, isLocked } = await outcomeOf(world, scheduledId);
  const crops = (await cropsOf(world, dataset))?.samples ?? [];
  return {
    ...{ state, tags, pending, scheduled, isLocked },
    samples: samples.map(({ index, fileName }) => [index, fileName]),
    crops: crops.map(({ fileName, facts }) => [fileName, facts?.sha256]),
    attempts: run.attempts,
  };
}

async function waiting({ scheduledId }: RunMessage) {
  const { run } = await runOf(world, scheduledId);
  const scheduled = await world.scheduledRuns.get(scheduledId);
  return { ...run, scheduled: scheduled?.state, message: run.messages.at(-1)?.message ?? '' };
}

async function undisturbed(photos: number) {
  const { dataset } = await lentDataset(world, target, photos);
  const message = await scheduleRun(world, dataset, { selection: BY_TILES });
  await carryOutRun(message, world);
  return resultOf(dataset, message);
}

describe('a run whose role is deleted while it is under way', () => {
  test.each([
    ['cuts up images to look at them', 3, 'EMBEDDING_OBJECT_CROPS'],
    ['keeps what it has chosen', 5, 'UPLOADING_DATASET'],
  ])(
    'and %s waits, goes on when access is back, and comes to the same',
    async (_, fatal, state) => {
      const expected = await undisturbed(4);
      expect(expected).toMatchObject({ state: 'COMPLETED', attempts: 1 });
      expect(expected.crops).toHaveLength(8);
      const { bucket, dataset } = await lentDataset(world, target, 4);
      const message = await scheduleRun(world, dataset, { selection: BY_TILES });
      const worker = workerWith(async (image) => image >= fatal && bucket.deleteRole());
      await carryOutRun(message, worker);

      const first = await waiting(message);
      expect(first).toMatchObject({ state, scheduled: 'LOCKED', waitsForDatasource: true });
      expect(first.message).toMatch(/^Waiting for the datasource: .*role/);
      expect((await world.datasets.get(dataset.id))?.lockedBy).toBe(message.scheduledId);
      expect((await world.datasourceStates.get(dataset.id))?.problem).toMatchObject({
        ...{ use: 'INPUT', code: 'ROLE_NOT_ASSUMABLE', scope: 'datasource' },
        fileName: expect.stringMatching(/^\d\.jpg$/),
      });
      // Whatever asks for it meanwhile changes nothing, and reads nothing.
      const idle = workerWith(() => Promise.reject(new Error('An image was read.')));
      for (let round = 0; round < 3; round++) await carryOutRun(message, idle);
      expect(await verified(dataset)).toMatchObject({ code: 'ROLE_NOT_ASSUMABLE' });
      expect(await waiting(message)).toEqual(first);

      await bucket.setRole();
      expect(await verified(dataset)).toBeUndefined();
      await carryOutRun(message, world);
      expect(await resultOf(dataset, message)).toEqual(expected);
      const { run } = await runOf(world, message.scheduledId);
      expect(run.waitsForDatasource).toBeUndefined();
      expect(run.messages.map((told) => told.message)).toContainEqual(
        expect.stringMatching(/^Waited for the datasource since /),
      );
      const lines = await world.runLogs.read(run.id, 0, 1_000);
      const told = lines.filter(({ msg }) => msg.startsWith('Waiting for the datasource: '));
      expect(told.map(({ level }) => level)).toEqual(['WARNING']);
    },
    60_000,
  );

  test('is canceled when somebody asks for that', async () => {
    const { bucket, dataset } = await lentDataset(world, target, 2);
    const message = await scheduleRun(world, dataset, { selection: BY_TILES });
    await carryOutRun(
      message,
      workerWith(() => bucket.deleteRole()),
    );
    expect(await waiting(message)).toMatchObject({ waitsForDatasource: true });
    await world.scheduledRuns.cancel(message.scheduledId, world.now());
    await carryOutRun(message, world);
    expect(await resultOf(dataset, message)).toMatchObject({
      ...{ state: 'ABORTED', pending: ['0.jpg', '1.jpg'], isLocked: false },
    });
  }, 60_000);
});

test('sessions that end while a run is under way are renewed, and nobody sees it', async () => {
  const { dataset } = await lentDataset(world, target, 4);
  const message = await scheduleRun(world, dataset, { selection: BY_TILES });
  const pauses: number[] = [];
  const worker = workerWith(async (image) => {
    if (image % 3 !== 2) return;
    pauses.push(image);
    await setTimeout(SESSION_SECONDS * 1000 + 200);
  });
  await carryOutRun(message, worker);
  expect(pauses.length).toBeGreaterThan(0);
  expect(await resultOf(dataset, message)).toEqual(await undisturbed(4));
  expect((await world.datasourceStates.get(dataset.id))?.problem).toBeUndefined();
}, 60_000);

test('crops are cut out of the version that was judged, whatever has come since', async () => {
  const expected = await undisturbed(2);
  const { bucket, dataset } = await lentDataset(world, target, 0, { versioned: true });
  for (const scene of [0, 1]) await putPhoto(world, dataset, bucket, `${scene}.jpg`, scene);
  const message = await scheduleRun(world, dataset, { selection: BY_TILES });
  for (const scene of [0, 1]) await bucket.put(`${scene}.jpg`, { Body: 'no image at all' });
  await carryOutRun(message, world);
  expect(await resultOf(dataset, message)).toEqual(expected);
  const [sample] = await collect(world.samples.range(dataset.id, 0, 1));
  expect(sample?.versionId).toEqual(expect.stringMatching(/./));
}, 60_000);

describe('what is written on objects', () => {
  const WETTEST = {
    nSamples: 1,
    strategies: [entry({ type: 'METADATA', key: 'object.tags.rain' }, { type: 'WEIGHTS' })],
  };
  const tagged = (rain: string) => ({ objectMetadata: { tags: { rain }, metadata: { site: 'north' } } });

  test('is metadata of a selection, which reads no file for it, and stays with the sample', async () => {
    // Whoever asked LIGHTLY for anything would be refused.
    const { bucket, dataset } = await lentDataset(world, target, 0, { without: ['list', 'read'] });
    const place = { bucket: bucket.name, thumbIn: 'LIGHTLY' };
    for (const [at, rain] of ['9', '10', 'unknown'].entries()) {
      await addImage(world, dataset, `${at}.jpg`, at, {
        ...place,
        key: `${PREFIX}${at}.jpg`,
        ...tagged(rain),
      });
    }
    const message = await scheduleRun(world, dataset, { selection: WETTEST });
    await carryOutRun(message, world);
    expect(await resultOf(dataset, message)).toMatchObject({ state: 'COMPLETED', samples: [[0, '1.jpg']] });
    const [sample] = await collect(world.samples.range(dataset.id, 0, 1));
    expect(sample).toMatchObject({ thumbIn: 'LIGHTLY', ...tagged('10') });
    // The report has a gap where the thumbnail would be, and the datasource no problem that a run would wait for.
    expect(await waiting(message)).not.toHaveProperty('waitsForDatasource');
    expect((await runOf(world, message.scheduledId)).artifacts.has('report.html')).toBe(true);
  }, 60_000);
});

describe('a run that is refused what users have given of images', () => {
  const WET = { nSamples: 1, strategies: [entry({ type: 'METADATA', key: 'rain' }, { type: 'WEIGHTS' })] };
  const LIST = { selection: WET, docker: { relevantFilenamesFile: '.lightly/list.txt' } };

  async function giving() {
    const given = await lentDataset(world, target, 2, { without: ['read'] });
    await given.bucket.put('.lightly/metadata/0.json', { Body: '{"metadata":{"rain":1}}' });
    await given.bucket.put('.lightly/metadata/1.json', { Body: '{"metadata":{"rain":2}}' });
    await given.bucket.put('.lightly/list.txt', { Body: '0.jpg\n1.jpg\n' });
    return given;
  }

  test('waits as often as it takes, and is never given up for it', async () => {
    const { bucket, dataset } = await giving();
    const message = await scheduleRun(world, dataset, LIST);
    const impatient = { ...world, maxAttempts: 1 };
    for (let round = 0; round < 4; round++) {
      await carryOutRun(message, impatient);
      const { state, message: told, attempts } = await waiting(message);
      expect({ state, attempts }).toEqual({ state: 'LOADING_DATASET', attempts: 1 });
      expect(told).toMatch(/^Waiting for the datasource: s3:GetObject .* was denied/);
      expect((await world.datasourceStates.get(dataset.id))?.problem).toMatchObject({
        use: 'LIGHTLY',
        code: 'DENIED',
      });
      // As if somebody had found it to be right, and it is not.
      const all = { canList: true, canRead: true, canWrite: true, canOverwrite: true };
      await world.datasourceStates.noteVerified(dataset.id, 1, { at: world.now(), ...all });
    }
    await bucket.setRole();
    await carryOutRun(message, impatient);
    expect(await resultOf(dataset, message)).toMatchObject({ state: 'COMPLETED', samples: [[0, '1.jpg']] });
  }, 60_000);

  test('of one file, waits until that can be read, whatever else can be', async () => {
    const { bucket, dataset } = await giving();
    await bucket.setRole();
    const fileName = '.lightly/metadata/1.json';
    const Resource = `arn:aws:s3:::${bucket.name}/${PREFIX}${fileName}`;
    const Statement = { Effect: 'Deny', Action: 's3:GetObject', Principal: '*', Resource };
    await bucket.setBucket({ policy: policyDocument.parse({ Statement }) });
    const message = await scheduleRun(world, dataset, LIST);
    await carryOutRun(message, world);
    expect(await waiting(message)).toMatchObject({ waitsForDatasource: true });
    expect(await verified(dataset)).toMatchObject({ use: 'LIGHTLY', scope: 'object', fileName });
    await bucket.setBucket({ policy: policyDocument.parse({ Statement: [] }) });
    expect(await verified(dataset)).toBeUndefined();
    await carryOutRun(message, world);
    expect(await resultOf(dataset, message)).toMatchObject({ state: 'COMPLETED', attempts: 1 });
  }, 60_000);

  test('does not wait for ever for another file than its own', async () => {
    const { bucket, dataset } = await giving();
    const message = await scheduleRun(world, dataset, LIST);
    await carryOutRun(message, world);
    await bucket.setRole();
    await world.datasourceStates.noteProblem(dataset.id, 1, {
      ...{ use: 'INPUT', code: 'KMS_DENIED', scope: 'object', action: 'kms:Decrypt', resource: 'arn' },
      ...{ reason: 'Enable the key.', fileName: 'another.jpg', isOfSomeFiles: true, seenAt: world.now() },
    });
    await carryOutRun(message, world);
    expect(await waiting(message)).toMatchObject({ waitsForDatasource: true });
    const later = { ...world, now: () => world.now() + 60 * 60_000 };
    await carryOutRun(message, later);
    expect(await resultOf(dataset, message)).toMatchObject({ state: 'COMPLETED', attempts: 1 });
  }, 60_000);

  test('waits for a worker elsewhere that plans it, too', async () => {
    const { bucket, dataset } = await giving();
    const runId = newId();
    const by = {
      state: 'LOCKED',
      runId,
      workerId: newId(),
      handsInPlan: true,
    } as const satisfies Partial<ScheduledRun>;
    const message = await scheduleRun(world, dataset, LIST, by);
    const scheduled = await world.scheduledRuns.get(message.scheduledId);
    const planned: Run = { ...startedRun(runId, scheduled!, world.now()), workerId: by.workerId };
    await world.runs.create(planned);
    await carryOutRun(message, world);
    expect(await world.runs.get(runId)).toMatchObject({ waitsForDatasource: true, attempts: 1 });
    await carryOutRun(message, world);
    await bucket.setRole();
    expect(await verified(dataset)).toBeUndefined();
    await carryOutRun(message, world);
    const run = await world.runs.get(runId);
    expect(run?.inputKey).toBeDefined();
    expect(run).not.toHaveProperty('waitsForDatasource');
    expect(run).toMatchObject({ attempts: 1, heartbeatAt: planned.heartbeatAt });
  }, 60_000);
});
