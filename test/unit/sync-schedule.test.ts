import { describe, expect, test } from '@jest/globals';
import type { DatasetSync } from '#contracts/syncs';
import { NO_COUNTS } from '#platform/syncs/next-sync';
import { dueSync, refusedLeftAloneMs } from '#platform/syncs/sync-schedule';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = 1_700_000_000_000;
/** One that has just ended. */
const sync = (fields: Partial<DatasetSync> = {}): DatasetSync => ({
  ...{ datasetId: 'a'.repeat(24), version: 3, id: 'b'.repeat(24), kind: 'compare', scope: {} },
  ...{
    placeDigest: 'here',
    source: 'listing',
    state: 'DONE',
    startedAt: NOW,
    lastProgressAt: NOW,
    parts: [],
  },
  ...{ counts: NO_COUNTS, firstStartedAt: 1, firstFinishedAt: 2, thoroughAt: NOW },
  last: { startedAt: NOW, finishedAt: NOW, counts: NO_COUNTS },
  ...fields,
});
const due = (
  fields: Partial<DatasetSync> | undefined,
  {
    after = 0,
    placeDigest = 'here',
    settings = {},
  }: Partial<Record<'after', number>> & {
    readonly placeDigest?: string;
    readonly settings?: { readonly listEverySeconds?: number };
  } = {},
) => dueSync(fields && sync(fields), settings, { placeDigest, now: NOW + after });

describe('a datasource that became another place is listed at once', () => {
  test.each([
    ['the one before was listed', {}],
    ['it was being listed', { state: 'RUNNING', leaseUntil: NOW + MINUTE }],
    ['it had refused', { state: 'FAILED' }],
    ['images were being read again', { state: 'RUNNING', kind: 'replay' }],
  ] as const)('%s', (_, fields) => {
    expect(due(fields)).toBeUndefined();
    expect(due(fields, { placeDigest: 'elsewhere' })).toBe('compare');
    expect(due(fields, { placeDigest: 'elsewhere', settings: { listEverySeconds: 2_592_000 } })).toBe(
      'compare',
    );
  });
});

test('a sync that failed goes on soon, however seldom listings are', () => {
  const settings = { listEverySeconds: 2_592_000 };
  expect(due({ state: 'FAILED' }, { settings, after: 5 * MINUTE - 1 })).toBeUndefined();
  expect(due({ state: 'FAILED' }, { settings, after: 5 * MINUTE })).toBe('compare');
  expect(due({ state: 'FAILED', kind: 'replay' }, { settings, after: 5 * MINUTE })).toBe('compare');
  // What it has listed already is not thrown away.
  expect(due({ state: 'FAILED' }, { settings, after: 25 * HOUR })).toBe('compare');
});

test('one that has ended is followed by another when it is time', () => {
  expect(due(undefined)).toBe('compare');
  expect(due({}, { after: 5 * MINUTE - 1 })).toBeUndefined();
  expect(due({}, { after: 5 * MINUTE })).toBe('compare');
  expect(due({}, { after: 24 * HOUR })).toBe('thorough');
});

describe('files that are refused while others can be read are left alone', () => {
  const leftAlone = (asked: number, age: number) =>
    refusedLeftAloneMs(
      { counts: { ...NO_COUNTS, missed: asked - 10, changed: 10 } },
      { since: NOW - age, now: NOW, least: HOUR },
    );

  test('for the least time where they are few, or have been refused for a short time only', () => {
    expect(leftAlone(1_000, 30 * 24 * HOUR)).toBe(HOUR);
    // All images of a datasource that was connected just now were asked for.
    expect(leftAlone(1_000_000, 2 * HOUR)).toBe(HOUR);
    expect(refusedLeftAloneMs(undefined, { since: 1, now: NOW, least: HOUR })).toBe(HOUR);
  });

  test('the longer the more they are and the longer that lasts, up to a day', () => {
    expect(leftAlone(90_000, 30 * 24 * HOUR)).toBe(5 * HOUR);
    expect(leftAlone(1_000_000, 24 * HOUR)).toBe(3 * HOUR);
    expect(leftAlone(1_000_000, 30 * 24 * HOUR)).toBe(24 * HOUR);
  });
});
