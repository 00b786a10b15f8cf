import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { IngestRequest } from '#contracts/object-event';
import { reconcile } from '../../functions/reconcile/reconcile.ts';
import { deliverBody, type IngestStage, startIngestStage } from '../support/ingest-stage.ts';
import { FIRST_DELIVERY } from '../support/lambda-invocation.ts';
import { photo } from '../support/photos.ts';
import { MINUTE, reconcileAndSync, reconcileDepsOver } from '../support/reconcile-stage.ts';

const enoughTime = { isLong: true, leftMs: () => 15 * 60_000 };

let stage: IngestStage;
let deps: ReturnType<typeof reconcileDepsOver>;

beforeAll(async () => {
  stage = await startIngestStage();
  // The storage server dates objects by the real clock: they are ten minutes old.
  stage.clock.now = Date.now() + 10 * MINUTE;
});
afterAll(() => stage.stop());
/** Each test sees only what its own changes bring about: everything before is repaired. */
beforeEach(async () => {
  deps = reconcileDepsOver(stage);
  await repairObjects();
  deps = reconcileDepsOver(stage);
});

const observed = () => deps.ingestQueue.take().map(({ message }) => message);
async function repairObjects(): Promise<IngestRequest[]> {
  // By then, every dataset is to be listed again.
  stage.clock.now += 5 * MINUTE;
  await reconcileAndSync(enoughTime, stage, deps);
  const observations = observed();
  for (const message of observations) await deliverBody(JSON.stringify(message), stage.deps, FIRST_DELIVERY);
  return observations;
}
let datasetsMade = 0;
const newName = () => `lost-${++datasetsMade}`;

describe('objects that events have missed', () => {
  test('in a dataset that nobody knows yet: ingest makes it', async () => {
    const name = newName();
    await stage.landing.put(`${name}/a b+c.jpg`, await photo(1));
    expect(await repairObjects()).toMatchObject([{ event: { kind: 'created', key: `${name}/a b+c.jpg` } }]);
    expect(await stage.rawSample(name, 'a b+c.jpg')).toMatchObject({ state: 'registered' });
    expect(deps.telemetry.total('FoldersUnknown')).toBe(1);
    expect(await repairObjects()).toEqual([]);
    expect(deps.telemetry.total('ObjectsMissed')).toBe(0);
  });

  test('replaced, removed and restored ones: the registry is what the bucket is', async () => {
    const name = newName();
    const put = async (file: string, scene: number) =>
      stage.landing.put(`${name}/${file}`, await photo(scene));
    await stage.deliver(await put('replaced.jpg', 1), await put('removed.jpg', 2), await put('kept.jpg', 3));
    await stage.deliver(await put('restored.jpg', 4), await stage.landing.remove(`${name}/restored.jpg`));
    const kept = await stage.rawSample(name, 'kept.jpg');
    await put('replaced.jpg', 5);
    await put('restored.jpg', 4);
    await stage.landing.remove(`${name}/removed.jpg`);

    const kinds = (await repairObjects()).map(({ event: { kind, key } }) => `${kind} ${key.split('/')[1]}`);
    expect(kinds.toSorted()).toEqual(['created replaced.jpg', 'created restored.jpg', 'removed removed.jpg']);
    expect(await stage.rawSample(name, 'removed.jpg')).toMatchObject({ state: 'deleted' });
    expect(await stage.rawSample(name, 'restored.jpg')).toMatchObject({ state: 'registered' });
    const { eTag } = (await stage.objects.head({
      bucket: stage.buckets.landing,
      key: `${name}/replaced.jpg`,
    }))!;
    expect(await stage.rawSample(name, 'replaced.jpg')).toMatchObject({ state: 'registered', eTag });
    expect(await stage.rawSample(name, 'kept.jpg')).toEqual(kept);
    expect(await repairObjects()).toEqual([]);
  });

  test('the last object of a dataset: gone like any other', async () => {
    const name = newName();
    await stage.deliver(await stage.landing.put(`${name}/only.jpg`, await photo(1)));
    await stage.landing.remove(`${name}/only.jpg`);
    expect(await repairObjects()).toMatchObject([{ event: { kind: 'removed' } }]);
    expect(await stage.rawSample(name, 'only.jpg')).toMatchObject({ state: 'deleted' });
  });

  test('young ones, and what is no image of a dataset, are left alone', async () => {
    const name = newName();
    await stage.landing.put(`${name}/young.jpg`, await photo(1));
    await stage.landing.put(`${name}/.lightly/thumbnails/x.webp`, await photo(1));
    await stage.landing.put('outside.jpg', await photo(1));
    await reconcile(enoughTime, { ...deps, youngestObjectMs: 1_000 * MINUTE });
    expect(observed()).toEqual([]);
    expect((await repairObjects()).map(({ event }) => event.key)).toEqual([`${name}/young.jpg`]);
  });

  test('asked for a short while ago: not again', async () => {
    await stage.landing.put(`${newName()}/a.jpg`, await photo(1));
    await reconcile(enoughTime, { ...deps, requests: { ...deps.requests, isNew: () => false } });
    expect(observed()).toEqual([]);
  });

  test('a round without time left asks for nothing, ends well and says so', async () => {
    await stage.landing.put(`${newName()}/a.jpg`, await photo(1));
    await reconcile({ isLong: true, leftMs: () => 0 }, deps);
    expect(observed()).toEqual([]);
    expect(deps.telemetry.logged.some(({ message }) => message.startsWith('The round ends before'))).toBe(
      true,
    );
  });
});
