import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ScheduledRun } from '#contracts/items';
import { corruptnessFailure, outcomeOfRejection } from '#platform/runs/corruptness';
import { findDuplicates } from '#platform/runs/duplicates';
import { nextScheduledRun } from '#platform/scheduling/next-scheduled-run';
import { runTag, tagNameAt } from '#platform/tags/run-tags';
import { newId, someTag } from '../support/documents.ts';
import { aPlanHeader, aRun } from '../support/runs.ts';

describe('exact duplicates', () => {
  const image = (fileName: string, sha256: string, lastModified = 0) => ({ fileName, sha256, lastModified });

  test('the oldest stays, whatever its name', () => {
    const images = [image('a.jpg', 'x', 200), image('b.jpg', 'x', 100), image('c.jpg', 'y', 50)];
    expect([...findDuplicates(images, [])]).toEqual([['a.jpg', 'b.jpg']]);
  });

  test('at the same time, the first by name stays', () => {
    const images = [image('c.jpg', 'x'), image('a.jpg', 'x'), image('b.jpg', 'x')];
    expect(Object.fromEntries(findDuplicates(images, []))).toEqual({ 'b.jpg': 'a.jpg', 'c.jpg': 'a.jpg' });
  });

  test('an image that the dataset has already is a duplicate even of a newer sample', () => {
    const existing = [{ fileName: 'sample.jpg', sha256: 'x' }];
    expect([...findDuplicates([image('a.jpg', 'x')], existing)]).toEqual([['a.jpg', 'sample.jpg']]);
  });

  test('one of each content stays, and the order of arrival does not matter', () => {
    const images = fc.uniqueArray(
      fc.record({
        fileName: fc.string({ minLength: 1 }),
        sha256: fc.constantFrom('x', 'y', 'z'),
        lastModified: fc.nat(3),
      }),
      { selector: ({ fileName }) => fileName },
    );
    fc.assert(
      fc.property(images, (candidates) => {
        const duplicates = findDuplicates(candidates, []);
        expect(findDuplicates(candidates.toReversed(), [])).toEqual(duplicates);
        const contents = new Set(candidates.map(({ sha256 }) => sha256));
        expect(candidates.length - duplicates.size).toBe(contents.size);
      }),
    );
  });
});

describe('corruptness', () => {
  test('broken files are corrupt, what is of the wrong kind or size is unsupported', () => {
    expect(['CORRUPT', 'EMPTY'].map((code) => outcomeOfRejection(code as 'CORRUPT'))).toEqual([
      'corrupt',
      'corrupt',
    ]);
    expect(outcomeOfRejection('UNSUPPORTED_FORMAT')).toBe('unsupported');
    expect(outcomeOfRejection('TOO_MANY_BYTES')).toBe('unsupported');
    expect(outcomeOfRejection('TOO_MANY_PIXELS')).toBe('unsupported');
  });

  test('the run fails above the threshold, not at it', () => {
    expect(corruptnessFailure({ corrupt: 1, sound: 9, threshold: 0.1 })).toBeUndefined();
    expect(corruptnessFailure({ corrupt: 2, sound: 9, threshold: 0.1 })).toBe(
      '2 of 11 images are corrupt (18.2 %), which is more than the threshold of 10 %.',
    );
  });

  test('a threshold of 1 never fails, and no image is not a broken image', () => {
    expect(corruptnessFailure({ corrupt: 5, sound: 0, threshold: 1 })).toBeUndefined();
    expect(corruptnessFailure({ corrupt: 0, sound: 0, threshold: 0 })).toBeUndefined();
  });
});

describe('the next scheduled run', () => {
  const scheduled = (fields: Partial<ScheduledRun>): ScheduledRun => ({
    id: newId(),
    userId: newId(),
    datasetId: newId(),
    configId: newId(),
    priority: 'MID',
    runsOn: [],
    state: 'OPEN',
    createdAt: 1,
    lastModifiedAt: 1,
    ...fields,
  });

  test('is the oldest OPEN one of the highest priority', () => {
    const locked = scheduled({ priority: 'CRITICAL', state: 'LOCKED' });
    const low = scheduled({ priority: 'LOW', createdAt: 0 });
    const highLate = scheduled({ priority: 'HIGH', createdAt: 9 });
    const highEarly = scheduled({ priority: 'HIGH', createdAt: 5 });
    expect(nextScheduledRun([locked, low, highLate, highEarly])).toBe(highEarly);
    expect(nextScheduledRun([locked])).toBeUndefined();
  });
});

describe('tags of a run', () => {
  test('are named by the second in UTC', () => {
    expect(tagNameAt(Date.UTC(2026, 0, 2, 3, 4, 5, 678))).toBe('20260102_03h04m05s');
  });

  test('are newer than the initial tag, hold what the run added, and say so when their name is taken', () => {
    const run = aRun({ createdAt: Date.UTC(2026, 0, 2, 3, 4, 5) });
    const header = aPlanHeader(run, { firstIndex: 3, selected: 2, decidedAt: run.createdAt });
    const initial = someTag(run.datasetId, { createdAt: run.createdAt });
    const tag = runTag(run, header, initial, 0);
    expect(tag).toMatchObject({ bitMaskData: '0x18', totSize: 2, prevTagId: initial.id, runId: run.id });
    expect(tag.createdAt).toBeGreaterThan(initial.createdAt);
    expect(runTag(run, header, initial, 1).name).toBe('20260102_03h04m05s_2');
  });
});
