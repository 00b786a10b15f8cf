import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { RetryableError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { RunMessage } from '#contracts/messages';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import type { RunDeps } from '../../functions/run/run-deps.ts';
import { failingAtCall, Killed } from '../support/failing-at-call.ts';
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

async function datasetWithImages(): Promise<Dataset> {
  const dataset = await newDataset(world);
  for (const content of [1, 2, 3]) await addImage(world, dataset, `${content}.jpg`, content);
  await addImage(world, dataset, 'copy.jpg', 2, { lastModified: 1_800_000_000_000 });
  await addRefused(world, dataset, 'broken.jpg', { code: 'CORRUPT', reason: 'no end' });
  return dataset;
}

/** Carries out the run with a worker that dies at its call `fatal`; true where it lived to the end. */
async function diesAt(fatal: number, message: RunMessage): Promise<boolean> {
  const { deps } = failingAtCall<RunDeps>(world, PORTS, fatal);
  try {
    await carryOutRun(message, deps);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(Killed);
    return false;
  }
}

describe('a worker that is killed at any call', () => {
  test('is followed by one that comes to the same outcome and leaves finished artifacts as they are', async () => {
    const undisturbed = await scheduleRun(world, await datasetWithImages());
    await carryOutRun(undisturbed, world);
    const expected = await outcomeOf(world, undisturbed.scheduledId);
    await world.received('completionQueue');

    let fatal = 1;
    for (let survived = false; !survived; fatal++) {
      const message = await scheduleRun(world, await datasetWithImages());
      survived = await diesAt(fatal, message);
      const scheduled = await world.scheduledRuns.get(message.scheduledId);
      const started = await world.runs.get(scheduled?.runId ?? '');
      const written = started && (await artifactsOf(world, started));
      world.clock.at += NEXT_DELIVERY_MS;
      await carryOutRun(message, world);

      expect({ fatal, ...(await outcomeOf(world, message.scheduledId)) }).toEqual({ fatal, ...expected });
      const { run, artifacts } = await runOf(world, message.scheduledId);
      for (const [fileName, bytes] of written ?? [])
        expect(String(artifacts.get(fileName))).toBe(String(bytes));
      expect(artifacts.size).toBe(12);
      // Once at least, and for nothing but this run.
      const completions = new Set(
        (await world.received<{ runId: string }>('completionQueue')).map(({ runId }) => runId),
      );
      expect([...completions]).toEqual([run.id]);
    }
    // A run makes some 60 calls; fewer would mean that the loop saw little of it.
    expect(fatal).toBeGreaterThan(50);
  }, 240_000);

  test('passes the dataset on to the run that waits', async () => {
    const calls = await callsOfARun();
    for (let fromTheEnd = 0; fromTheEnd < 6; fromTheEnd++) {
      const dataset = await datasetWithImages();
      const message = await scheduleRun(world, dataset);
      const waiting = await scheduleRun(world, dataset);
      await diesAt(calls - fromTheEnd, message);
      await world.received('runQueue');
      world.clock.at += NEXT_DELIVERY_MS;
      await carryOutRun(message, world);
      expect(await world.received('runQueue')).toEqual([waiting]);
      expect((await world.datasets.get(dataset.id))?.lockedBy).toBeUndefined();
    }
  }, 60_000);
});

async function callsOfARun(): Promise<number> {
  const { deps, calls } = failingAtCall<RunDeps>(world, PORTS, Number.POSITIVE_INFINITY);
  await carryOutRun(await scheduleRun(world, await datasetWithImages()), deps);
  return calls();
}

describe('the lease', () => {
  test('keeps a second worker out while the first is alive, and no longer', async () => {
    const dataset = await datasetWithImages();
    const message = await scheduleRun(world, dataset);
    await diesAt(30, message);
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
  await diesAt(8, message);
  const careless = { ...world, leaseSeconds: 0 };
  const deliveries = [1, 2, 3].map(() => carryOutRun(message, careless));
  await Promise.allSettled(deliveries);
  await carryOutRun(message, careless);
  const outcome = await outcomeOf(world, message.scheduledId);
  const undisturbed = await scheduleRun(world, await datasetWithImages());
  await carryOutRun(undisturbed, world);
  expect(outcome).toEqual(await outcomeOf(world, undisturbed.scheduledId));
});
