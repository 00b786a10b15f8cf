import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { rawSampleStore } from '#aws/raw-sample-store';
import { deliverBody, type IngestStage, startIngestStage } from '../support/ingest-stage.ts';
import { FIRST_DELIVERY } from '../support/lambda-invocation.ts';
import { messageOf } from '../support/landing.ts';
import { photo } from '../support/photos.ts';
import { startSlowTable } from '../support/slow-table.ts';

let stage: IngestStage;
let slow: Awaited<ReturnType<typeof startSlowTable>>;
beforeAll(async () => {
  stage = await startIngestStage();
  slow = await startSlowTable(stage.table);
});
afterAll(async () => {
  await slow.stop();
  await stage.stop();
});

const deliver = (body: string) =>
  deliverBody(body, { ...stage.deps, rawSamples: rawSampleStore(slow.table) }, FIRST_DELIVERY);

test('a table that does not take a state at once gets it with the time by then, from which it counts as new', async () => {
  const event = await stage.landing.put('late/a.jpg', await photo(1));
  const before = stage.clock.now;
  slow.holdUp('writes', () => {
    stage.clock.now += 60_000;
  });
  const registered = stage.telemetry.total('ImagesRegistered') ?? 0;
  await deliver(messageOf(event));
  const at = before + 60_000;
  expect(await stage.rawSample('late', 'a.jpg')).toMatchObject({ registeredAt: at, newAt: at });
  expect(stage.telemetry.total('ImagesRegistered')).toBe(registered + 1);
}, 30_000);

test('what was written though nobody heard of it is written once, at the time that it was written', async () => {
  const event = await stage.landing.put('late/b.jpg', await photo(2));
  const at = stage.clock.now;
  slow.holdUp('answers', () => {
    stage.clock.now += 60_000;
  });
  const registered = stage.telemetry.total('ImagesRegistered') ?? 0;
  await deliver(messageOf(event));
  expect(await stage.rawSample('late', 'b.jpg')).toMatchObject({ registeredAt: at, newAt: at });
  expect(stage.telemetry.total('ImagesRegistered')).toBe(registered + 1);
}, 30_000);
