import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import { BY_TILES } from '../support/crop-datasets.ts';
import { type DelegatedBucket, PREFIX } from '../support/delegated-bucket.ts';
import { collect } from '../support/documents.ts';
import { entry } from '../support/given-files.ts';
import { type InterruptedRuns, interruptedRuns } from '../support/interrupted-runs.ts';
import { lentDataset, putPhoto } from '../support/lent-dataset.ts';
import { type LocalTarget, startLocalTarget } from '../support/local-access-target.ts';
import { runOf } from '../support/run-outcome.ts';
import { addImage, type RunWorld, scheduleRun, startRunWorld } from '../support/run-world.ts';

/** Seconds that a session lives: some of them end while a test is at work. */
const SESSION_SECONDS = 2;
const KEY = 'arn:aws:kms:us-east-1:123456789012:key/of-the-bucket';

let target: LocalTarget;
let world: RunWorld;
let runs: InterruptedRuns;
beforeAll(async () => {
  target = await startLocalTarget({ sessionSecondsCap: SESSION_SECONDS });
  world = await startRunWorld(target.servers);
  runs = interruptedRuns(world);
}, 60_000);
afterAll(() => Promise.all([world.stop(), target.close()]));

/** What a run over so many photos comes to, each found out once. */
const results = new Map<number, ReturnType<InterruptedRuns['resultOf']>>();
function undisturbed(photos: number) {
  const result = results.get(photos) ?? carriedOut(photos);
  results.set(photos, result);
  return result;
}
async function carriedOut(photos: number) {
  const { dataset } = await lentDataset(world, target, photos);
  const message = await scheduleRun(world, dataset, { selection: BY_TILES });
  await carryOutRun(message, world);
  return runs.resultOf(dataset, message);
}

type TakeAway = (bucket: DelegatedBucket) => Promise<unknown>;
const deleteRole: TakeAway = (bucket) => bucket.deleteRole();
const denyReading: TakeAway = (bucket) => bucket.setRole({ without: ['read'] });
const denyKey: TakeAway = (bucket) => bucket.setRole({ without: ['useKey'] });
const GONE = { code: 'ROLE_NOT_ASSUMABLE', scope: 'datasource' };
const DENIED = { code: 'DENIED', scope: 'object', action: 's3:GetObject' };
const KMS_DENIED = { code: 'KMS_DENIED', scope: 'object', action: 'kms:Decrypt' };

describe('a run that loses access while it is under way', () => {
  const [CUTTING, KEEPING] = ['EMBEDDING_OBJECT_CROPS', 'UPLOADING_DATASET'];
  test.each([
    ['cuts up images to look at them, and whose role is deleted', 3, CUTTING, deleteRole, GONE],
    ['keeps what it has chosen, and whose role is deleted', 5, KEEPING, deleteRole, GONE],
    ['cuts up images to look at them, and may not read', 3, CUTTING, denyReading, DENIED],
    ['keeps what it has chosen, and may not use the key', 5, KEEPING, denyKey, KMS_DENIED],
  ])(
    'and %s waits, goes on when access is back, and comes to the same',
    async (_, fatal, state, takeAway, problem) => {
      const expected = await undisturbed(4);
      expect(expected).toMatchObject({ state: 'COMPLETED', attempts: 1 });
      expect(expected.crops).toHaveLength(8);
      const { bucket, dataset } = await lentDataset(world, target, 4, { kmsKey: KEY });
      const message = await scheduleRun(world, dataset, { selection: BY_TILES });
      const worker = runs.workerWith(async (image) => image >= fatal && takeAway(bucket));
      await carryOutRun(message, worker);

      const first = await runs.waiting(message);
      expect(first).toMatchObject({ state, scheduled: 'LOCKED', waitsForDatasource: true });
      expect(first.message).toMatch(/^Waiting for the datasource: .*role/);
      expect((await world.datasets.get(dataset.id))?.lockedBy).toBe(message.scheduledId);
      expect((await world.datasourceStates.get(dataset.id))?.problem).toMatchObject({
        ...{ use: 'INPUT', ...problem },
        fileName: expect.stringMatching(/^\d\.jpg$/),
      });
      // Whatever asks for it meanwhile changes nothing, and reads nothing.
      const idle = runs.workerWith(() => Promise.reject(new Error('An image was read.')));
      for (let round = 0; round < 3; round++) await carryOutRun(message, idle);
      expect(await runs.verified(dataset)).toMatchObject(problem);
      expect((await world.datasourceStates.get(dataset.id))?.lastVerified).toMatchObject({ canRead: false });
      expect(await runs.waiting(message)).toEqual(first);

      await bucket.setRole();
      expect(await runs.verified(dataset)).toBeUndefined();
      expect((await world.datasourceStates.get(dataset.id))?.lastVerified).not.toHaveProperty('errors');
      await carryOutRun(message, world);
      expect(await runs.resultOf(dataset, message)).toEqual(expected);
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
      runs.workerWith(() => bucket.deleteRole()),
    );
    expect(await runs.waiting(message)).toMatchObject({ waitsForDatasource: true });
    await world.scheduledRuns.cancel(message.scheduledId, world.now());
    await carryOutRun(message, world);
    expect(await runs.resultOf(dataset, message)).toMatchObject({
      ...{ state: 'ABORTED', pending: ['0.jpg', '1.jpg'], isLocked: false },
    });
  }, 60_000);
});

test('sessions that end while a run is under way are renewed, and nobody sees it', async () => {
  const { dataset } = await lentDataset(world, target, 4);
  const message = await scheduleRun(world, dataset, { selection: BY_TILES });
  const pauses: number[] = [];
  const worker = runs.workerWith(async (image) => {
    if (image % 3 !== 2) return;
    pauses.push(image);
    await setTimeout(SESSION_SECONDS * 1000 + 200);
  });
  await carryOutRun(message, worker);
  expect(pauses.length).toBeGreaterThan(0);
  expect(await runs.resultOf(dataset, message)).toEqual(await undisturbed(4));
  expect((await world.datasourceStates.get(dataset.id))?.problem).toBeUndefined();
}, 60_000);

test('crops are cut out of the version that was judged, whatever has come since', async () => {
  const expected = await undisturbed(2);
  const { bucket, dataset } = await lentDataset(world, target, 0, { versioned: true });
  for (const scene of [0, 1]) await putPhoto(world, dataset, bucket, `${scene}.jpg`, scene);
  const message = await scheduleRun(world, dataset, { selection: BY_TILES });
  for (const scene of [0, 1]) await bucket.put(`${scene}.jpg`, { Body: 'no image at all' });
  await carryOutRun(message, world);
  expect(await runs.resultOf(dataset, message)).toEqual(expected);
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
    expect(await runs.resultOf(dataset, message)).toMatchObject({
      state: 'COMPLETED',
      samples: [[0, '1.jpg']],
    });
    const [sample] = await collect(world.samples.range(dataset.id, 0, 1));
    expect(sample).toMatchObject({ thumbIn: 'LIGHTLY', ...tagged('10') });
    // The report has a gap where the thumbnail would be, and the datasource no problem that a run would wait for.
    expect(await runs.waiting(message)).not.toHaveProperty('waitsForDatasource');
    expect((await runOf(world, message.scheduledId)).artifacts.has('report.html')).toBe(true);
  }, 60_000);
});
