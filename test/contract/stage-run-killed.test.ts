import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RetryableError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { RunMessage } from '#contracts/messages';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import type { RunDeps } from '../../functions/run/run-deps.ts';
import { someFacts } from '../support/documents.ts';
import { failingAtCall } from '../support/failing-at-call.ts';
import { livesPast } from '../support/killed-run.ts';
import { artifactsOf, outcomeOf, runOf } from '../support/run-outcome.ts';
import {
  addImage,
  addRefused,
  newDataset,
  type RunWorld,
  scheduleRun,
  startRunWorld,
} from '../support/run-world.ts';

const PORTS = [
  'datasets',
  'rawSamples',
  'samples',
  'tags',
  'workerConfigs',
  'scheduledRuns',
  'runs',
  'artifacts',
  'objects',
  'runQueue',
  'completionQueue',
] as const satisfies (keyof RunDeps)[];

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

/** Longer than the lease. */
const NEXT_DELIVERY_MS = 60_000;

/** Few images with short vectors: there are hundreds of runs here, and more would only take longer. */
async function datasetWithImages(): Promise<Dataset> {
  const dataset = await newDataset(world);
  const add = (fileName: string, content: number, fields: object = {}) => {
    const facts = { ...someFacts(content), embedding: Float32Array.of(content, 1, content ** 2) };
    return addImage(world, dataset, fileName, content, { facts, ...fields });
  };
  for (const content of [1, 2]) await add(`${content}.jpg`, content);
  await add('copy.jpg', 2, { lastModified: 1_800_000_000_000 });
  await addRefused(world, dataset, 'broken.jpg', { code: 'CORRUPT', reason: 'no end' });
  return dataset;
}

const lives = (fatal: number, message: RunMessage) => livesPast(fatal, message, world, PORTS);

const ONE_BY_DIVERSITY = {
  nSamples: 1,
  strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }],
};
const WITH_REPORT = { selection: ONE_BY_DIVERSITY };
/** Reports take longer than all that is before them. */
const WITHOUT_REPORT = { ...WITH_REPORT, docker: { uploadReport: false } };
type Config = Parameters<typeof scheduleRun>[2];

/** What an undisturbed run comes to, with the number of files that it leaves. */
async function undisturbedOutcome(config: Config) {
  const message = await scheduleRun(world, await datasetWithImages(), config);
  await carryOutRun(message, world);
  const outcome = await outcomeOf(world, message.scheduledId);
  const { artifacts } = await runOf(world, message.scheduledId);
  await world.received('completionQueue');
  return { outcome, files: artifacts.size };
}
type Undisturbed = Awaited<ReturnType<typeof undisturbedOutcome>>;

/** A worker dies at its call `fatal`, another one follows; true where the first lived to the end. */
async function survivesKill(fatal: number, config: Config, expected: Undisturbed): Promise<boolean> {
  const message = await scheduleRun(world, await datasetWithImages(), config);
  const survived = await lives(fatal, message);
  const scheduled = await world.scheduledRuns.get(message.scheduledId);
  const started = await world.runs.get(scheduled?.runId ?? '');
  const written = started && (await artifactsOf(world, started));
  world.clock.at += NEXT_DELIVERY_MS;
  await carryOutRun(message, world);

  const outcome = await outcomeOf(world, message.scheduledId);
  expect({ fatal, ...outcome }).toEqual({ fatal, ...expected.outcome });
  const { run, artifacts } = await runOf(world, message.scheduledId);
  for (const [fileName, bytes] of written ?? []) expect(String(artifacts.get(fileName))).toBe(String(bytes));
  expect(artifacts.size).toBe(expected.files);
  // Once at least, and for nothing but this run.
  const completions = await world.received<{ runId: string }>('completionQueue');
  expect([...new Set(completions.map(({ runId }) => runId))]).toEqual([run.id]);
  return survived;
}

describe('a worker that is killed at any call', () => {
  test('is followed by one that comes to the same outcome and leaves finished artifacts as they are', async () => {
    const expected = await undisturbedOutcome(WITHOUT_REPORT);
    expect(expected.files).toBe(9);
    const calls = await callsOfARun(WITHOUT_REPORT);
    for (const fatal of killsOf(calls)) {
      expect(await survivesKill(fatal, WITHOUT_REPORT, expected)).toBe(fatal > calls.length);
    }
  }, 120_000);

  test('while it writes reports is followed by one that writes the same', async () => {
    const expected = await undisturbedOutcome(WITH_REPORT);
    expect(expected.files).toBe(12);
    const before = await callsOfARun(WITHOUT_REPORT);
    const calls = await callsOfARun(WITH_REPORT);
    const differs = calls.findIndex((name, at) => name !== before[at]);
    // What comes first may be called as what comes after it, so they may begin some calls before.
    const isOfReports = (fatal: number) =>
      fatal > differs - 4 && fatal <= differs + calls.length - before.length + 1;
    const kills = killsOf(calls).filter(isOfReports);
    expect(kills.length).toBeGreaterThan(8);
    for (const fatal of kills) await survivesKill(fatal, WITH_REPORT, expected);
  }, 60_000);

  test('passes the dataset on to the run that waits', async () => {
    const { length: calls } = await callsOfARun(WITHOUT_REPORT);
    for (let fromTheEnd = 0; fromTheEnd < 6; fromTheEnd++) {
      const dataset = await datasetWithImages();
      const message = await scheduleRun(world, dataset, WITHOUT_REPORT);
      const waiting = await scheduleRun(world, dataset);
      await lives(calls - fromTheEnd, message);
      await world.received('runQueue');
      world.clock.at += NEXT_DELIVERY_MS;
      await carryOutRun(message, world);
      expect(await world.received('runQueue')).toEqual([waiting]);
      expect((await world.datasets.get(dataset.id))?.lockedBy).toBeUndefined();
    }
  }, 60_000);
});

/** Names of the calls of an undisturbed run. */
async function callsOfARun(config: Config): Promise<readonly string[]> {
  const { deps, calls } = failingAtCall<RunDeps>(world, PORTS, Number.POSITIVE_INFINITY);
  await carryOutRun(await scheduleRun(world, await datasetWithImages(), config), deps);
  await world.received('completionQueue');
  return calls;
}

const READS = /^(get|list|range|names|open|head)/;

/**
 * Numbers of the calls to die at: each that changes something, and one beyond the last. To die at a call that only reads
 * leaves the world as to die at the next one that does not.
 */
function killsOf(calls: readonly string[]): number[] {
  const changes = calls.flatMap((name, at) => (READS.test(name) ? [] : [at + 1]));
  // Fewer would mean that the loop sees little of a run.
  expect(changes.length).toBeGreaterThan(35);
  return [...changes, calls.length + 1];
}

describe('the lease', () => {
  test('keeps a second worker out while the first is alive, and no longer', async () => {
    const dataset = await datasetWithImages();
    const message = await scheduleRun(world, dataset);
    await lives(30, message);
    await expect(carryOutRun(message, world)).rejects.toThrow(RetryableError);
    world.clock.at += world.leaseSeconds * 1_000;
    await carryOutRun(message, world);
    expect((await outcomeOf(world, message.scheduledId)).state).toBe('COMPLETED');
  });

  test('is renewed by the heartbeat', async () => {
    const message = await scheduleRun(world, await datasetWithImages());
    const samples = {
      ...world.samples,
      put: async (written: Parameters<typeof world.samples.put>[0]) => {
        world.clock.at += NEXT_DELIVERY_MS;
        world.beat();
        // The beat is on its way to the table; reading the run until it is there is no matter of time.
        while (!(await hasFreshHeartbeat(message))) await new Promise((resolve) => setImmediate(resolve));
        await expect(carryOutRun(message, world)).rejects.toThrow(RetryableError);
        await world.samples.put(written);
      },
    };
    await carryOutRun(message, { ...world, samples });
    expect((await outcomeOf(world, message.scheduledId)).state).toBe('COMPLETED');
  });

  test('is not taken for ever: a run that never succeeds is given up, and its images wait for another', async () => {
    const dataset = await datasetWithImages();
    const message = await scheduleRun(world, dataset);
    const failing = {
      ...world,
      maxAttempts: 3,
      workerConfigs: {
        ...world.workerConfigs,
        get: () => Promise.reject(new RetryableError('OUT', 'of memory')),
      },
    };
    for (let attempt = 0; attempt < 3; attempt++) {
      await expect(carryOutRun(message, failing)).rejects.toThrow('of memory');
    }
    await carryOutRun(message, failing);
    const { run } = await runOf(world, message.scheduledId);
    expect(run).toMatchObject({ state: 'CRASHED', attempts: 4 });
    expect(await world.scheduledRuns.get(message.scheduledId)).toMatchObject({ state: 'DONE' });
    expect((await world.datasets.get(message.datasetId))?.lockedBy).toBeUndefined();
    const next = await scheduleRun(world, dataset);
    await carryOutRun(next, world);
    expect((await outcomeOf(world, next.scheduledId)).state).toBe('COMPLETED');
  });

  test('is given back by a worker that fails in good order', async () => {
    const message = await scheduleRun(world, await datasetWithImages());
    const samples = {
      ...world.samples,
      put: () => Promise.reject(new RetryableError('SERVICE_UNAVAILABLE', 'Out for lunch.')),
    };
    await expect(carryOutRun(message, { ...world, samples })).rejects.toThrow('Out for lunch.');
    await carryOutRun(message, world);
    expect((await outcomeOf(world, message.scheduledId)).state).toBe('COMPLETED');
  });
});

async function hasFreshHeartbeat({ scheduledId }: RunMessage): Promise<boolean> {
  const { run } = await runOf(world, scheduledId);
  return world.clock.at - run.heartbeatAt < world.leaseSeconds * 1_000;
}

test('two workers that both believe in their lease do the same', async () => {
  const message = await scheduleRun(world, await datasetWithImages());
  await lives(8, message);
  const careless = { ...world, leaseSeconds: 0 };
  const deliveries = [1, 2, 3].map(() => carryOutRun(message, careless));
  await Promise.allSettled(deliveries);
  await carryOutRun(message, careless);
  const outcome = await outcomeOf(world, message.scheduledId);
  const undisturbed = await scheduleRun(world, await datasetWithImages());
  await carryOutRun(undisturbed, world);
  expect(outcome).toEqual(await outcomeOf(world, undisturbed.scheduledId));
});
