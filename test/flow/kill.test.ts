import { beforeAll, describe, expect, test } from '@jest/globals';
import type { QueueStage } from '#contracts/stages';
import { type Flow, startFlow } from '../support/flow.ts';
import { comparable } from '../support/outcome.ts';
import { photo } from '../support/photos.ts';

const DATASET = 'birds';
const SCENES = 8;
/** Long enough that a restarted worker takes over from a dead one, short enough for a test. */
const LIFE_SIGNS = { RUN_LEASE_SECONDS: '0.3', RUN_MAX_ATTEMPTS: '1000' };

const startKillable = () =>
  startFlow({ visibilityTimeoutCap: 0.2, maxReceiveCount: 1000, environment: { run: LIFE_SIGNS } });

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

let expected: Awaited<ReturnType<typeof comparable>>;
beforeAll(async () => {
  const calm = await startFlow();
  try {
    await dropImages(calm);
    expected = await comparable(calm, DATASET);
  } finally {
    await calm.close();
  }
}, 60_000);

describe('a process killed at every one of its steps', () => {
  const stages: QueueStage[] = ['ingest', 'schedule', 'run', 'complete', 'export', 'archive'];
  test.each(stages)(
    '%s: same samples, same exports, nothing in a dead-letter queue',
    async (stage) => {
      const flow = await startKillable();
      try {
        const kills = killAtEveryStep(flow, stage);
        await dropImages(flow);
        expect(kills()).toBeGreaterThan(1);
        expect(expected.samples).toHaveLength(3);
        expect(await comparable(flow, DATASET)).toEqual(expected);
        expect(flow.cloud.deadLetters()).toEqual({});
      } finally {
        await flow.close();
      }
    },
    240_000,
  );
});
