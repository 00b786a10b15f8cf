import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { carryOutRun } from '../../functions/run/carry-out-run.ts';
import type { RunDeps } from '../../functions/run/run-deps.ts';
import { BY_TILES, cropsOf } from '../support/crop-datasets.ts';
import { collect } from '../support/documents.ts';
import { failingAtCall } from '../support/failing-at-call.ts';
import { livesPast } from '../support/killed-run.ts';
import { datasetWithPhotos } from '../support/photographed-dataset.ts';
import { type RunWorld, scheduleRun, startRunWorld } from '../support/run-world.ts';

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

/** Longer than the lease. */
const NEXT_DELIVERY_MS = 60_000;

describe('a worker that is killed while it keeps crops', () => {
  const PORTS = ['datasets', 'samples', 'tags', 'datasetImages'] as const satisfies (keyof RunDeps)[];
  const SELECTION = { ...BY_TILES, nSamples: 1 };

  /** More calls than it takes to keep crops and to end the run. */
  const LAST_CALLS = 24;

  test('is followed by one that comes to the same crops', async () => {
    const undisturbed = failingAtCall<RunDeps>(world, PORTS, Number.POSITIVE_INFINITY);
    const first = await datasetWithPhotos(world, 2);
    await carryOutRun(await scheduleRun(world, first, { selection: SELECTION }), undisturbed.deps);

    const from = undisturbed.calls.length - LAST_CALLS;
    let fatal = from;
    for (let survived = false; !survived; fatal++) {
      const parent = await datasetWithPhotos(world, 2);
      const message = await scheduleRun(world, parent, { selection: SELECTION });
      survived = await livesPast(fatal, message, world, PORTS);
      if (fatal === from) expect(await cropsOf(world, parent)).toBeUndefined();
      world.clock.at += NEXT_DELIVERY_MS;
      await carryOutRun(message, world);
      const { dataset, samples } = (await cropsOf(world, parent))!;
      const tags = await collect(world.tags.list(dataset.id));
      expect({ fatal, ...dataset, tags: tags.map(({ totSize }) => totSize) }).toMatchObject({
        ...{ fatal, sampleCount: 4, tags: [4, 4] },
      });
      expect(dataset.lockedBy).toBeUndefined();
      expect(samples.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    }
    expect(fatal).toBeGreaterThan(from + LAST_CALLS);
  }, 240_000);
});
