import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { FoundProblem } from '#contracts/datasource-state';
import type { HeldEvent } from '#contracts/held-events';
import type { Dataset } from '#contracts/items';
import type { SyncCounts } from '#contracts/syncs';
import { NO_COUNTS } from '#platform/syncs/next-sync';
import { requestDueSync } from '../../functions/reconcile/due-syncs.ts';
import { reconcile } from '../../functions/reconcile/reconcile.ts';
import { releaseStrandedEvents } from '../../functions/reconcile/stranded-events.ts';
import { type IngestStage, startIngestStage } from '../support/ingest-stage.ts';
import { EMPTY_BUCKET, MINUTE, reconcileDepsOver } from '../support/reconcile-stage.ts';

const THUMBNAIL: FoundProblem = {
  ...{ use: 'LIGHTLY', code: 'DENIED', scope: 'object', action: 's3:PutObject', resource: 'arn' },
  ...{ reason: 'Allow it.', fileName: '.lightly/thumbnails/a_thumb.webp', seenAt: 1 },
};
const CAN = { canList: true, canRead: true, canWrite: true, canOverwrite: true };

let stage: IngestStage;
let deps: ReturnType<typeof reconcileDepsOver>;
let dataset: Dataset;
let made = 0;
/** How often it was looked for events of the dataset. */
let looks: number;
beforeAll(async () => {
  stage = await startIngestStage();
});
afterAll(() => stage.stop());
beforeEach(async () => {
  looks = 0;
  dataset = (await stage.deps.ensureDataset(`held-${++made}`))!;
  const usual = reconcileDepsOver(stage);
  const list: typeof usual.heldEvents.list = (id) => {
    if (id === dataset.id) looks += 1;
    return usual.heldEvents.list(id);
  };
  deps = { ...usual, heldEvents: { ...usual.heldEvents, list } };
});

const heldNow = (): HeldEvent => ({
  ...{ datasetId: dataset.id, fileName: 'a.jpg', heldAt: stage.clock.now },
  event: { kind: 'created', bucket: 'b', key: 'a.jpg', order: { by: 'sequencer', sequencer: '01' } },
});
const states = () => deps.datasourceStates;
/** What of it is under way: some processes have noted it minutes ago, and note it in some minutes again. */
const noteHeld = () => states().noteHeld(dataset.id, stage.clock.now);
const release = () => releaseStrandedEvents(dataset, deps);

const listedNow = async (counts: SyncCounts): Promise<void> => {
  const [startedAt, placeDigest] = [stage.clock.now, 'elsewhere'];
  await deps.syncs.replace({
    ...{ datasetId: dataset.id, version: 1, id: deps.newId(), kind: 'compare', scope: {}, placeDigest },
    ...{ source: 'listing', state: 'DONE', startedAt, lastProgressAt: startedAt, parts: [] },
    ...{ counts, firstStartedAt: 1, firstFinishedAt: 1, thoroughAt: startedAt },
    last: { startedAt, finishedAt: startedAt, counts },
  });
};

describe('events that are held', () => {
  test('are looked for only where some may be', async () => {
    expect([await release(), looks]).toEqual([0, 0]);
    await noteHeld();
    await deps.heldEvents.hold(heldNow());
    expect([await release(), looks]).toEqual([1, 1]);
  });

  test('are not looked for any more once none is left, which is told from one that is just being held', async () => {
    await noteHeld();
    expect([await release(), looks]).toEqual([0, 1]);
    stage.clock.now += 5 * MINUTE - 1;
    // Of a process that has noted it five minutes ago.
    const held = heldNow();
    await deps.heldEvents.hold(held);
    expect([await release(), looks]).toEqual([1, 2]);
    await deps.heldEvents.release(held);
    stage.clock.now += 10 * MINUTE + 1;
    expect([await release(), looks]).toEqual([0, 3]);
    expect([await release(), looks]).toEqual([0, 3]);
    expect(await states().get(dataset.id)).not.toHaveProperty('heldAt');
    await noteHeld();
    await deps.heldEvents.hold(heldNow());
    expect([await release(), looks]).toEqual([1, 4]);
  });

  test('that were noted while it was looked for them stay noted', async () => {
    await noteHeld();
    const before = (await states().get(dataset.id))!.heldAt!;
    stage.clock.now += 15 * MINUTE;
    await noteHeld();
    await states().noteNoneHeld(dataset.id, before);
    expect(await states().get(dataset.id)).toMatchObject({ heldAt: stage.clock.now });
  });

  test('are left to whoever is sending them already, and are no damage', async () => {
    await noteHeld();
    await deps.heldEvents.hold(heldNow());
    const until = stage.clock.now + 3 * MINUTE;
    await states().claimRelease(dataset.id, { until, held: undefined, now: stage.clock.now });
    expect([await release(), looks]).toEqual([0, 0]);
    stage.clock.now += 3 * MINUTE + 1;
    expect(await release()).toBe(1);
    expect(deps.syncQueue.take().map(({ message }) => message)).toEqual([
      { datasetId: dataset.id, work: 'release' },
    ]);
  });
});

describe('while thumbnails are refused', () => {
  beforeEach(async () => {
    await noteHeld();
    await deps.heldEvents.hold(heldNow());
    await states().noteVerified(dataset.id, 1, { at: stage.clock.now, ...CAN, canWrite: false }, THUMBNAIL);
  });

  test('nothing that waits is tried again, however long; once they may be written all of it is', async () => {
    stage.clock.now += 24 * 60 * MINUTE;
    expect(await release()).toBe(0);
    await states().noteVerified(dataset.id, 1, { at: stage.clock.now, ...CAN });
    expect(await release()).toBe(1);
  });

  test('listings, which would find all that waits missing, are an hour apart', async () => {
    await listedNow(NO_COUNTS);
    stage.clock.now += 60 * MINUTE - 1;
    expect(await requestDueSync(dataset, deps)).toBe(0);
    stage.clock.now += 1;
    expect(await requestDueSync(dataset, deps)).toBe(1);
  });
});

describe('while some files are refused and others can be read', () => {
  const HOUR = 60 * MINUTE;
  const FILES: FoundProblem = { ...THUMBNAIL, use: 'INPUT', action: 's3:GetObject', isOfSomeFiles: true };
  /** What is asked for so long after a listing that found so many of them missing. */
  const askedAfter = async (missed: number, waited: number) => {
    await states().noteVerified(dataset.id, 1, { at: stage.clock.now, ...CAN }, { ...FILES, seenAt: 1 });
    await noteHeld();
    await deps.heldEvents.hold(heldNow());
    await listedNow({ ...NO_COUNTS, missed });
    stage.clock.now += waited;
    return { released: await release(), listed: await requestDueSync(dataset, deps) };
  };

  test('a few: they are tried every half hour, and the datasource is listed every hour', async () => {
    expect(await askedAfter(10, HOUR / 2 + 1)).toEqual({ released: 1, listed: 0 });
    stage.clock.now += HOUR / 2;
    expect(await requestDueSync(dataset, deps)).toBe(1);
  });

  test('half a million, for days: once a day', async () => {
    expect(await askedAfter(500_000, 24 * HOUR - 1)).toEqual({ released: 0, listed: 0 });
    stage.clock.now += 2;
    expect([await release(), await requestDueSync(dataset, deps)]).toEqual([1, 1]);
  });
});

test('a round reads the state of a datasource once', async () => {
  let reads = 0;
  const { get } = states();
  const counted = (id: string) => {
    if (id === dataset.id) reads += 1;
    return get(id);
  };
  const datasourceStates = { ...states(), get: counted };
  await reconcile(
    { isLong: false, leftMs: () => 15 * MINUTE },
    { ...deps, datasourceStates, landing: EMPTY_BUCKET },
  );
  expect(reads).toBe(1);
});
