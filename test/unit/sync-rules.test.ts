import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DatasetSync } from '#contracts/syncs';
import { chunkCutter, type JudgedFile, type NameChunk } from '#platform/syncs/name-chunks';
import { newestCollector } from '#platform/syncs/newest-objects';
import { NO_COUNTS } from '#platform/syncs/next-sync';
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
