import { describe, expect, test } from '@jest/globals';
import type { QueueStage } from '#contracts/stages';
import { type Flow, startFlow } from '../support/flow.ts';
import { comparable } from '../support/outcome.ts';
import { photo } from '../support/photos.ts';

const DATASET = 'birds';
const SCENES = 8;
/** Long enough that a restarted worker takes over from a dead one, short enough for a test. */
const LIFE_SIGNS = { RUN_LEASE_SECONDS: '1' };

const startKillable = () =>
  startFlow({ visibilityTimeoutCap: 2, maxReceiveCount: 1000, environment: { run: LIFE_SIGNS } });

async function dropImages(flow: Flow): Promise<void> {
  await flow.configure(DATASET, {
    schedule: { minNewImages: SCENES },
    run: {
      selection: {
        nSamples: 3,
        strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }],
      },
    },
    exports: { formats: ['label-studio', 'csv'] },
  });
  for (let scene = 0; scene < SCENES; scene++)
    await flow.put(`${DATASET}/scene-${scene}.jpg`, await photo(scene));
  await flow.cloud.idle();
}

/**
 * Kills the stage's process at its first AWS request, then, when the message is redelivered, at its second, and so
 * on, until an invocation gets through: one kill at every step. Returns how many there were.
 */
function killAtEveryStep(flow: Flow, stage: QueueStage): () => number {
  let survived = 0;
  flow.cloud.onRequest((request) => {
    if (request.stage !== stage || request.ordinal !== survived + 1) return;
    survived++;
    flow.cloud.kill(stage);
  });
  return () => survived;
}

describe('a process killed at every one of its steps', () => {
  const stages: QueueStage[] = ['ingest', 'schedule', 'run', 'complete', 'export', 'archive'];
  test.each(stages)(
    '%s: same samples, same exports, nothing in a dead-letter queue',
    async (stage) => {
      const calm = await startKillable();
      const killed = await startKillable();
      try {
        const kills = killAtEveryStep(killed, stage);
        await Promise.all([dropImages(calm), dropImages(killed)]);
        expect(kills()).toBeGreaterThan(1);
        const expected = await comparable(calm, DATASET);
        expect(expected.samples).toHaveLength(3);
        expect(await comparable(killed, DATASET)).toEqual(expected);
        expect(killed.cloud.deadLetters()).toEqual({});
      } finally {
        await calm.close();
        await killed.close();
      }
    },
    240_000,
  );
});
