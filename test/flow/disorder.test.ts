import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Flow, startFlow } from '../support/flow.ts';
import { shuffleMessages } from '../support/message-order.ts';
import { comparable } from '../support/outcome.ts';
import { photo } from '../support/photos.ts';

const SCENES = 14;
const REPLACED = 'scene-3.jpg';
const REMOVED = 'scene-4.jpg';
/** What is left to read when all events have taken effect, the copy included. */
const REMAINING = SCENES;

/** Puts the same objects, replaces one, removes one, and lets the pipeline come to rest. */
async function dropImages(flow: Flow, dataset: string, beforeDelivery?: () => Promise<void>): Promise<void> {
  await flow.configure(dataset, {
    schedule: { minNewImages: REMAINING },
    run: {
      selection: {
        nSamples: 6,
        strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }],
      },
    },
  });
  flow.cloud.pauseEventSources();
  for (let scene = 0; scene < SCENES; scene++)
    await flow.put(`${dataset}/scene-${scene}.jpg`, await photo(scene));
  // Of duplicates the earlier stays, and within the same second the first by name: here both say the same.
  await flow.put(`${dataset}/the-copy.jpg`, await photo(0));
  await flow.put(`${dataset}/${REPLACED}`, await photo(50));
  await flow.remove(`${dataset}/${REMOVED}`);
  await beforeDelivery?.();
  flow.cloud.resumeEventSources();
  await flow.cloud.idle();
}

let calm: Flow;
let disorderly: Flow;
beforeAll(async () => {
  // Two deliveries of a run may meet: the one that gives way comes back in two seconds instead of ninety minutes.
  const disorder = { deliveriesPerMessage: 3, visibilityTimeoutCap: 2 };
  [calm, disorderly] = await Promise.all([startFlow(), startFlow(disorder)]);
}, 60_000);
afterAll(async () => {
  await calm?.close();
  await disorderly?.close();
});

test('every message delivered three times, and shuffled, gives the same samples and the same exports', async () => {
  await dropImages(calm, 'birds');
  await dropImages(disorderly, 'birds', () => shuffleMessages(disorderly, 'ingest'));
  const expected = await comparable(calm, 'birds');
  expect(expected.samples).toHaveLength(6);
  expect(expected.runs).toEqual(['COMPLETED']);
  expect(await comparable(disorderly, 'birds')).toEqual(expected);
  expect(disorderly.cloud.deadLetters()).toEqual({});
}, 120_000);

test('a removed object and the first version of a replaced one are not selected', async () => {
  const { samples } = await disorderly.outcome('birds');
  expect(samples.map(({ fileName }) => fileName)).not.toContain(REMOVED);
  const landed = await disorderly.client.objects.head({
    bucket: disorderly.buckets.landing,
    key: `birds/${REPLACED}`,
  });
  const dataset = await disorderly.client.datasets.findByName('birds');
  const registered = await disorderly.client.rawSamples.get(dataset!.id, REPLACED);
  expect(registered?.eTag).toBe(landed?.eTag);
});
