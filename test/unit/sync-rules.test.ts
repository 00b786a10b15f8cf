import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DatasetSync } from '#contracts/syncs';
import { chunkCutter, type JudgedFile, type NameChunk } from '#platform/syncs/name-chunks';
import { newestCollector } from '#platform/syncs/newest-objects';
import { answers, doneSync, failedSync, NO_COUNTS, nextSync } from '#platform/syncs/next-sync';
import { nextRanges } from '#platform/syncs/sync-parts';
import { syncProgress } from '#platform/syncs/sync-progress';
import { secondsBetweenSyncs } from '#platform/syncs/sync-schedule';

const ID = 'a'.repeat(24);
const sync = (fields: Partial<DatasetSync> = {}): DatasetSync => ({
  ...{ datasetId: ID, version: 3, id: 'b'.repeat(24), kind: 'compare', scope: {}, placeDigest: 'here' },
  ...{ source: 'listing', state: 'DONE', startedAt: 1_000, lastProgressAt: 1_000, parts: [] },
  ...{ counts: NO_COUNTS, firstStartedAt: 500, firstFinishedAt: 700 },
  ...fields,
});
const file = (name: string, fields: Partial<JudgedFile> = {}): JudgedFile => ({
  ...{ name, eTag: `e-${name}`, size: 1, lastModified: 1 },
  ...fields,
});

describe('chunks of names', () => {
  const chunksOf = (files: readonly JudgedFile[], after?: string, place = 'here'): NameChunk[] => {
    const cutter = chunkCutter(place, after);
    const chunks = files.flatMap((each) => cutter.add(each) ?? []);
    return [...chunks, ...[cutter.end(undefined) ?? []].flat()];
  };
  const files = Array.from({ length: 8_000 }, (_, index) => file(`image-${String(index).padStart(6, '0')}`));

  test('have every name once, in ranges without gaps', () => {
    const chunks = chunksOf(files);
    expect(chunks.flatMap((chunk) => chunk.files)).toEqual(files);
    for (const [index, chunk] of chunks.entries()) expect(chunk.after).toBe(chunks[index - 1]?.until);
    expect(chunks.length).toBeGreaterThan(5);
    expect(chunks.length).toBeLessThan(40);
  });

  test('a change is a change of the chunk that it is in, and of the next one at most', () => {
    const before = new Set(chunksOf(files).map(({ digest }) => digest));
    fc.assert(
      fc.property(
        fc.nat(files.length - 1),
        fc.constantFrom('add', 'remove', 'eTag', 'lastModified', 'skipped'),
        (at, what) => {
          const changed = files.flatMap((each, index) => {
            if (index !== at) return [each];
            if (what === 'remove') return [];
            if (what === 'add') return [each, file(`${each.name}-a`)];
            return [
              {
                ...each,
                ...(what === 'eTag'
                  ? { eTag: 'x' }
                  : what === 'skipped'
                    ? { skipped: 'excluded' as const }
                    : { lastModified: 2 }),
              },
            ];
          });
          const others = chunksOf(changed).filter(({ digest }) => !before.has(digest));
          expect(others.length).toBeGreaterThanOrEqual(1);
          expect(others.length).toBeLessThanOrEqual(2);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('the same names elsewhere, or after another name, are other chunks', () => {
    const digests = [
      chunksOf([file('a')]),
      chunksOf([file('a')], '0'),
      chunksOf([file('a')], undefined, 'there'),
    ];
    expect(new Set(digests.map(([chunk]) => chunk?.digest)).size).toBe(3);
  });
});

describe('which sync a message leads to', () => {
  const facts = { placeDigest: 'here', hasInventory: false, newId: 'c'.repeat(24), now: 2_000 };
  const compare = { datasetId: ID, work: 'compare' } as const;
  const replay = { datasetId: ID, work: 'replay', id: 'd'.repeat(24), scope: {} } as const;

  test('one that is under way, or has failed, goes on; one that is done is followed by another', () => {
    const { id } = sync();
    expect(nextSync(compare, sync({ state: 'RUNNING' }), facts)).toMatchObject({ id, state: 'RUNNING' });
    expect(nextSync(compare, sync({ state: 'FAILED', error: 'x' }), facts)).toMatchObject({
      id,
      state: 'RUNNING',
    });
    expect(nextSync(compare, sync(), facts)).toMatchObject({ id: facts.newId, firstStartedAt: 500 });
    const dayAfter = { ...facts, now: 2_000 + 24 * 3_600_000 };
    expect(nextSync(compare, sync({ state: 'FAILED' }), dayAfter)).toMatchObject({ id: facts.newId });
  });

  test('everything is looked up until a place was compared completely once, and where it is asked for', () => {
    expect(nextSync(compare, sync(), facts)).not.toHaveProperty('thorough');
    expect(nextSync(compare, undefined, facts)).toMatchObject({ thorough: true, firstStartedAt: 2_000 });
    const elsewhere = nextSync(compare, sync({ placeDigest: 'there', state: 'RUNNING' }), facts);
    expect(elsewhere).toMatchObject({ thorough: true, id: facts.newId, firstStartedAt: 2_000 });
    expect(elsewhere).not.toHaveProperty('firstFinishedAt');
    const asked = nextSync({ ...compare, thorough: true }, sync({ state: 'RUNNING' }), facts);
    expect(asked).toMatchObject({ thorough: true, id: facts.newId });
  });

  test('what is not at its end goes on first, whatever is asked for', () => {
    const failed = { state: 'FAILED', lastProgressAt: 1_000 } as const;
    for (const stored of [sync({ state: 'RUNNING' }), sync(failed)]) {
      const next = nextSync(replay, stored, facts);
      expect(next).toMatchObject({ id: stored.id, kind: 'compare', state: 'RUNNING' });
    }
    for (const fields of [{ state: 'RUNNING' } as const, failed]) {
      const stored = sync({ ...fields, kind: 'replay', scope: { prefix: 'a/' } });
      const another = { ...replay, id: 'e'.repeat(24) };
      for (const message of [compare, { ...compare, thorough: true }, another]) {
        const { kind, id, scope } = stored;
        expect(nextSync(message, stored, facts)).toMatchObject({ kind, id, scope, state: 'RUNNING' });
      }
    }
  });

  test('a replay is done once, however late its message comes again', () => {
    expect(nextSync(replay, sync(), facts)).toMatchObject({
      id: replay.id,
      kind: 'replay',
      firstFinishedAt: 700,
    });
    let stored = doneSync(sync({ kind: 'replay', id: replay.id, state: 'RUNNING' }), 3_000);
    expect(nextSync(replay, stored, facts)).toBe('nothing');
    for (let others = 0; others < 19; others++) {
      const id = String(others).padStart(24, '0');
      for (const message of [compare, { ...replay, id }]) {
        const next = nextSync(message, stored, facts);
        if (next === 'nothing') throw new Error('It was not done before.');
        stored = doneSync({ ...next, version: 1 }, 4_000);
        expect(nextSync(replay, stored, { ...facts, placeDigest: 'elsewhere' })).toBe('nothing');
      }
    }
    expect(stored.endedReplays).toHaveLength(20);
    expect(nextSync(replay, stored, facts)).toBe('nothing');
  });

  test('a replay whose place was left, or that is refused for a week, is given up', () => {
    const DAY = 24 * 3_600_000;
    const failed = (fields: Partial<DatasetSync> = {}) =>
      failedSync(sync({ kind: 'replay', id: replay.id, lastProgressAt: 2_000, ...fields }), {
        ...{ error: 'Denied.', hasListed: false },
      });
    const since = failed();
    expect(since).toMatchObject({ state: 'FAILED', failingSince: 2_000 });
    // It was tried again, in vain.
    const again = failed({ failingSince: 2_000, lastProgressAt: 2_000 + 6 * DAY });
    expect(again).toMatchObject({ failingSince: 2_000 });
    expect(nextSync(compare, again, { ...facts, now: 1_999 + 7 * DAY })).toMatchObject({ id: replay.id });
    const next = nextSync(compare, again, { ...facts, now: 2_000 + 7 * DAY });
    expect(next).toMatchObject({ kind: 'compare', endedReplays: [{ id: replay.id, outcome: 'given-up' }] });
    for (const message of [compare, replay]) {
      const elsewhere = nextSync(message, since, { ...facts, placeDigest: 'elsewhere' });
      expect(elsewhere).toMatchObject({ kind: 'compare', endedReplays: [{ id: replay.id }] });
    }
  });

  test('a compare that has to begin after it was asked for does, and one does for all that were asked for before', () => {
    const asked = { ...compare, askedAt: 1_500 };
    const last = { startedAt: 1_499, finishedAt: 1_600, counts: NO_COUNTS };
    expect(nextSync(asked, sync({ last }), facts)).toMatchObject({ id: facts.newId, askedAt: 1_500 });
    expect(nextSync(asked, sync({ last: { ...last, startedAt: 1_500 } }), facts)).toBe('nothing');
    const thorough = { ...asked, thorough: true };
    const after = sync({ last: { ...last, startedAt: 1_700 }, thoroughAt: 1_499 });
    expect(nextSync(thorough, after, facts)).toMatchObject({ id: facts.newId, thorough: true });
    expect(nextSync(thorough, { ...after, thoroughAt: 1_500 }, facts)).toBe('nothing');
    const running = sync({ state: 'RUNNING', startedAt: 1_499 });
    expect(nextSync(asked, running, facts)).toMatchObject({ id: running.id });
    expect(answers(running, asked, facts)).toBe(false);
    expect(answers({ ...running, startedAt: 1_500 }, asked, facts)).toBe(true);
    expect(answers(running, compare, facts)).toBe(true);
    expect(answers(running, compare, { ...facts, placeDigest: 'elsewhere' })).toBe(false);
  });

  describe('somebody asks for a compare after one has failed', () => {
    const asked = { ...compare, askedAt: 1_500 };
    const failed = sync({ state: 'FAILED', error: 'x', failingSince: 1_000 });

    test('which has listed nothing: what is asked for begins at once, and what others have asked for with it', () => {
      const next = nextSync({ ...asked, acceptRemovals: true }, failed, facts);
      expect(next).toMatchObject({ id: facts.newId, askedAt: 1_500, acceptRemovals: true });
      if (next === 'nothing') throw new Error('It has not been done.');
      expect(answers({ ...next, version: 4 }, { ...asked, acceptRemovals: true }, facts)).toBe(true);
      const others = { thorough: true, acceptRemovals: true };
      expect(nextSync(asked, { ...failed, ...others }, facts)).toMatchObject({ id: facts.newId, ...others });
    });

    test('which has come some way, or reads a report: that goes on first', () => {
      const parts = [{ position: 'b', listed: 1, isDone: false }];
      for (const fields of [{ parts }, { source: 'inventory' }] as const) {
        expect(nextSync(asked, { ...failed, ...fields }, facts)).toMatchObject({ id: failed.id });
      }
    });

    test('nobody asks: it goes on, and counts what it lists anew once', () => {
      const counts = { ...NO_COUNTS, listed: 500, registry: { registered: 500, archived: 0, rejected: {} } };
      expect(nextSync(compare, { ...failed, counts }, facts)).toMatchObject({
        ...{ id: failed.id, counts: NO_COUNTS },
      });
    });
  });

  test('removals are accepted of the place that was listed when somebody said so, and of no other one', () => {
    const accepts = { ...compare, acceptRemovals: true, askedAt: 1_500 } as const;
    const elsewhere = nextSync(accepts, sync({ placeDigest: 'there' }), facts);
    expect(elsewhere).toMatchObject({ id: facts.newId, firstStartedAt: 2_000 });
    if (elsewhere === 'nothing') throw new Error('It has not been done.');
    expect(elsewhere).not.toHaveProperty('acceptRemovals');
    expect(answers({ ...elsewhere, version: 4 }, accepts, facts)).toBe(true);
    const underWay = sync({ state: 'RUNNING', firstStartedAt: 1_501, parts: [{ listed: 1, isDone: false }] });
    expect(nextSync(accepts, underWay, facts)).not.toHaveProperty('acceptRemovals');
    expect(nextSync(accepts, { ...underWay, firstStartedAt: 1_500 }, facts)).toMatchObject({
      acceptRemovals: true,
    });
  });

  test('an inventory stands for the first listing only', () => {
    const withInventory = { ...facts, hasInventory: true };
    expect(nextSync(compare, undefined, withInventory)).toMatchObject({ source: 'inventory' });
    expect(nextSync(compare, sync(), withInventory)).toMatchObject({ source: 'listing' });
    const { firstFinishedAt: _, ...read } = sync({ source: 'inventory' });
    expect(nextSync(compare, read, withInventory)).toMatchObject({ source: 'listing' });
  });
});

test('the more a listing costs, the less often there is one, unless settings say how often', () => {
  const after = (requests: number) => secondsBetweenSyncs({}, { counts: { ...NO_COUNTS, requests } });
  expect([0, 1_000, 1_400, 10_000, 10_000_000].map(after)).toEqual([300, 300, 303, 2_160, 86_400]);
  expect(secondsBetweenSyncs({ listEverySeconds: 600 }, { counts: { ...NO_COUNTS, requests: 1e7 } })).toBe(
    600,
  );
});

describe('progress', () => {
  const part = (listed: number, fields: object = {}) => ({ listed, isDone: false, ...fields });
  const running = (fields: Partial<DatasetSync>): DatasetSync => {
    const { firstFinishedAt: _, ...others } = sync({ state: 'RUNNING', startedAt: 0 });
    return { ...others, ...fields };
  };

  test('is told by the parts that are done, and by where the others are between their bounds', () => {
    const parts = [
      part(100, { isDone: true, until: 'b' }),
      part(30, { after: 'b', position: 'bm', until: 'c' }),
      part(0, { after: 'c' }),
    ];
    const {
      estimatedTotal = 0,
      estimatedSecondsLeft,
      ...progress
    } = syncProgress(running({ parts, counts: { ...NO_COUNTS, listed: 130 } }), 13_000);
    expect(progress).toMatchObject({ listed: 130, parts: { done: 1, all: 3 }, isFirst: true });
    expect(estimatedTotal).toBeGreaterThan(200);
    expect(estimatedTotal).toBeLessThan(350);
    expect(estimatedSecondsLeft).toBe(Math.ceil((estimatedTotal - 130) / 10));
  });

  test('of a report is told by the bytes of its files', () => {
    const bytes = (read: number) => ({ bytes: { all: 1_000, read } });
    const parts = [part(90, { ...bytes(0), isDone: true }), part(60, bytes(500)), part(0, bytes(0))];
    const read = { source: 'inventory', report: 'a/manifest.json' } as const;
    const counts = { ...NO_COUNTS, listed: 150 };
    expect(syncProgress(running({ ...read, parts, counts }), 15_000)).toMatchObject({
      ...{ ...read, estimatedTotal: 300, estimatedSecondsLeft: 15, parts: { done: 1, all: 3 } },
    });
    const begun = running({ ...read, parts: [part(0, bytes(0))] });
    expect(syncProgress(begun, 1_000)).not.toHaveProperty('estimatedTotal');
  });

  test('is told by the last compare where there was one, and not at all where there is nothing to tell it by', () => {
    const last = { startedAt: 0, finishedAt: 1, counts: { ...NO_COUNTS, listed: 500 } };
    expect(syncProgress(running({ last, counts: { ...NO_COUNTS, listed: 100 } }), 1_000)).toMatchObject({
      ...{ estimatedTotal: 500, estimatedSecondsLeft: 4 },
    });
    expect(syncProgress(running({ parts: [part(5)] }), 1_000)).not.toHaveProperty('estimatedTotal');
    expect(syncProgress(sync(), 5_000)).not.toHaveProperty('estimatedSecondsLeft');
  });
});

test('parts: small neighbours are listed together, bounds are never moved, and lopsided ones are divided anew', () => {
  const parts = [300, 300, 2_000, 500].map((listed, index) => ({
    ...{ listed, isDone: true },
    ...(index > 0 && { after: `b${index}` }),
    ...(index < 3 && { until: `b${index + 1}` }),
  }));
  expect(nextRanges(parts)).toEqual([{ until: 'b2' }, { after: 'b2', until: 'b3' }, { after: 'b3' }]);
  expect(nextRanges([{ listed: 100_001, isDone: true }])).toBeUndefined();
  const lopsided = Array.from({ length: 16 }, (_, index) => ({
    listed: index === 3 ? 200_000 : 10,
    isDone: true,
  }));
  expect(nextRanges(lopsided)).toBeUndefined();
});

test('the newest objects are kept, each once, however many pass and in whatever order', () => {
  const times = Array.from({ length: 9_000 }, (_, index) => (index * 7_919) % 9_000);
  const first = newestCollector([]);
  for (const at of times.slice(0, 6_000)) first.add(file(`f${at}`, { lastModified: at }));
  const second = newestCollector(first.newest());
  for (const at of times.slice(5_000)) second.add(file(`f${at}`, { lastModified: at }));
  expect(second.newest().map(({ lastModified }) => lastModified)).toEqual(
    Array.from({ length: 1_000 }, (_, index) => 8_999 - index),
  );
});
