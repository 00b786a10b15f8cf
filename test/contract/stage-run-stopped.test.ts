import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunMessage } from '#contracts/messages';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import type { RunDeps } from '../../functions/run/run-deps.ts';
import { outcomeOf, runOf } from '../support/run-outcome.ts';
import {
  addImage,
  addRefused,
  newDataset,
  type RunWorld,
  scheduleRun,
  startRunWorld,
} from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

const cancel = ({ scheduledId }: RunMessage) => world.scheduledRuns.cancel(scheduledId, world.now());

describe('a run that is canceled', () => {
  /** The world, in which somebody cancels the run at the first call of a port's method. */
  function canceledDuring(message: RunMessage, port: 'rawSamples' | 'samples', method: string): RunDeps {
    const ported = world[port] as unknown as Record<string, (...args: unknown[]) => unknown>;
    const original = ported[method] as (...args: unknown[]) => AsyncIterable<unknown>;
    return {
      ...world,
      [port]: {
        ...ported,
        async *[method](...args: unknown[]) {
          await cancel(message);
          yield* original(...args);
        },
      },
    };
  }

  test('while it loads is ABORTED and leaves nothing but its images', async () => {
    const dataset = await newDataset(world);
    for (const content of [1, 2]) await addImage(world, dataset, `${content}.jpg`, content);
    const message = await scheduleRun(world, dataset);
    await carryOutRun(message, canceledDuring(message, 'rawSamples', 'listPending'));
    expect(await outcomeOf(world, message.scheduledId)).toEqual({
      state: 'ABORTED',
      samples: [],
      tags: [],
      pending: ['1.jpg', '2.jpg'],
      scheduled: 'DONE',
      isLocked: false,
      selection: '',
    });
    expect(await world.received('completionQueue')).toEqual([]);
  });

  test('is noticed by the heartbeat within a long step', async () => {
    const dataset = await newDataset(world);
    for (const content of [1, 2, 3]) await addImage(world, dataset, `${content}.jpg`, content);
    const message = await scheduleRun(world, dataset);
    let read = 0;
    const asked: string[] = [];
    const scheduledRuns = {
      ...world.scheduledRuns,
      get: async (scheduledId: string) => {
        const scheduled = await world.scheduledRuns.get(scheduledId);
        if (scheduled?.cancelRequested) asked.push(scheduledId);
        return scheduled;
      },
    };
    const rawSamples = {
      ...world.rawSamples,
      async *listPending(...range: Parameters<typeof world.rawSamples.listPending>) {
        for await (const rawSample of world.rawSamples.listPending(...range)) {
          read += 1;
          yield rawSample;
          if (read > 1) continue;
          await cancel(message);
          world.beat();
          while (asked.length === 0) await new Promise((resolve) => setImmediate(resolve));
        }
      },
    };
    await carryOutRun(message, { ...world, scheduledRuns, rawSamples });
    expect((await outcomeOf(world, message.scheduledId)).state).toBe('ABORTED');
    expect(read).toBeLessThanOrEqual(2);
  });

  test('before a worker took it is never started', async () => {
    const dataset = await newDataset(world);
    const message = await scheduleRun(world, dataset);
    await cancel(message);
    await carryOutRun(message, world);
    expect(await world.scheduledRuns.get(message.scheduledId)).toMatchObject({ state: 'CANCELED' });
    expect((await world.datasets.get(dataset.id))?.lockedBy).toBeUndefined();
  });

  test('when its results are being written is completed all the same', async () => {
    const dataset = await newDataset(world);
    await addImage(world, dataset, '1.jpg', 1);
    const message = await scheduleRun(world, dataset);
    const samples = {
      ...world.samples,
      put: async (written: Parameters<typeof world.samples.put>[0]) => {
        await cancel(message);
        await world.samples.put(written);
      },
    };
    await carryOutRun(message, { ...world, samples });
    expect(await outcomeOf(world, message.scheduledId)).toMatchObject({ state: 'COMPLETED', pending: [] });
    await world.received('completionQueue');
  });
});

describe('a run that fails', () => {
  test('above the corruption threshold names the corrupt files and keeps all images for another run', async () => {
    const dataset = await newDataset(world);
    await addImage(world, dataset, '1.jpg', 1);
    await addRefused(world, dataset, 'broken.jpg', { code: 'CORRUPT', reason: 'no end' });
    await addRefused(world, dataset, 'notes.pdf', { code: 'UNSUPPORTED_FORMAT', reason: 'a PDF' });
    const strict = { docker: { corruptnessCheck: { corruptionThreshold: 0.1 } } };
    const message = await scheduleRun(world, dataset, strict);
    await carryOutRun(message, world);
    expect(await outcomeOf(world, message.scheduledId)).toMatchObject({
      state: 'FAILED',
      samples: [],
      tags: [],
      pending: ['1.jpg', 'broken.jpg', 'notes.pdf'],
      scheduled: 'DONE',
      isLocked: false,
    });
    const { run, artifacts } = await runOf(world, message.scheduledId);
    expect(run.messages.at(-1)?.message).toMatch(/^1 of 2 images are corrupt \(50 %\)/);
    expect(String(artifacts.get('log.txt'))).toContain('FAILED 1 of 2 images are corrupt');
    expect(JSON.parse(String(artifacts.get('corruptness_check_information.json')))).toMatchObject({
      corrupt_samples: { 'broken.jpg': 'CORRUPT: no end' },
    });
    expect(await world.received('completionQueue')).toEqual([]);

    const tolerant = await scheduleRun(world, dataset);
    await carryOutRun(tolerant, world);
    expect(await outcomeOf(world, tolerant.scheduledId)).toMatchObject({ state: 'COMPLETED', pending: [] });
    await world.received('completionQueue');
  });

  test('because of its selection config says which field is wrong', async () => {
    const dataset = await newDataset(world);
    await addImage(world, dataset, '1.jpg', 1);
    const message = await scheduleRun(world, dataset, {
      selection: {
        nSamples: 1,
        strategies: [{ input: { type: 'RANDOM' }, strategy: { type: 'DIVERSITY' } }],
      },
    });
    await carryOutRun(message, world);
    expect((await outcomeOf(world, message.scheduledId)).state).toBe('FAILED');
    const { run } = await runOf(world, message.scheduledId);
    expect(run.messages.at(-1)?.message).toContain('strategies[0]');
  });
});

describe('runs of one dataset', () => {
  test('wait for each other; the one that ends sends the next by priority', async () => {
    const dataset = await newDataset(world);
    await addImage(world, dataset, '1.jpg', 1);
    const running = await scheduleRun(world, dataset);
    const low = await scheduleRun(world, dataset, {}, { priority: 'LOW' });
    const high = await scheduleRun(world, dataset, {}, { priority: 'HIGH' });
    const samples = {
      ...world.samples,
      put: async (written: Parameters<typeof world.samples.put>[0]) => {
        await carryOutRun(low, world);
        expect(await world.scheduledRuns.get(low.scheduledId)).toMatchObject({ state: 'OPEN' });
        await world.samples.put(written);
      },
    };
    await carryOutRun(running, { ...world, samples });
    expect(await world.received('runQueue')).toEqual([high]);
    await carryOutRun(high, world);
    expect(await world.received('runQueue')).toEqual([low]);
    await carryOutRun(low, world);
    expect(await world.received('runQueue')).toEqual([]);
    expect((await world.datasets.get(dataset.id))?.lockedBy).toBeUndefined();
  });
});
