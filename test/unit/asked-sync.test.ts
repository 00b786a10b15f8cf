import { describe, expect, test } from '@jest/globals';
import { newObjectId } from '#contracts/schema';
import type { DatasetSync } from '#contracts/syncs';
import { askedSync, idOfCompare } from '#platform/syncs/asked-sync';
import { NO_COUNTS } from '#platform/syncs/next-sync';

const ASKED_AT = 1_700_000_000_500;
const compared = (startedAt: number) => ({ startedAt, finishedAt: startedAt + 1, counts: NO_COUNTS });
/** One that began and ended long before. */
const sync = (fields: Partial<DatasetSync> = {}): DatasetSync => ({
  ...{ datasetId: 'a'.repeat(24), version: 3, id: 'b'.repeat(24), kind: 'compare', scope: {} },
  ...{ placeDigest: 'here', source: 'listing', state: 'DONE', startedAt: 1, lastProgressAt: 2, parts: [] },
  ...{ counts: NO_COUNTS, firstStartedAt: 1, firstFinishedAt: 2, thoroughAt: 1, last: compared(1) },
  ...fields,
});
const refused = { state: 'FAILED', error: 'Allow it.', lastProgressAt: ASKED_AT } as const;

describe('a sync that was asked for', () => {
  const id = idOfCompare(ASKED_AT, {});
  const thorough = idOfCompare(ASKED_AT, { thorough: true });
  const stateOf = (asked: string, stored: DatasetSync | undefined) => askedSync(asked, stored).state;

  test('waits until one begins, and is done once one that began since has ended', () => {
    expect(stateOf(id, undefined)).toBe('WAITING');
    expect(stateOf(id, sync())).toBe('WAITING');
    expect(stateOf(id, sync({ state: 'RUNNING', startedAt: ASKED_AT - 1 }))).toBe('WAITING');
    expect(stateOf(id, sync({ state: 'RUNNING', startedAt: ASKED_AT }))).toBe('RUNNING');
    expect(stateOf(id, sync({ last: compared(ASKED_AT - 1) }))).toBe('WAITING');
    expect(stateOf(id, sync({ last: compared(ASKED_AT) }))).toBe('DONE');
    // Others follow.
    expect(stateOf(id, sync({ ...refused, last: compared(ASKED_AT) }))).toBe('DONE');
  });

  test('thoroughly: not by one that was not', () => {
    const later = { startedAt: ASKED_AT, last: compared(ASKED_AT) };
    expect(stateOf(thorough, sync(later))).toBe('WAITING');
    expect(stateOf(thorough, sync({ ...later, state: 'RUNNING' }))).toBe('WAITING');
    expect(stateOf(thorough, sync({ ...later, state: 'RUNNING', thorough: true }))).toBe('RUNNING');
    expect(stateOf(thorough, sync({ ...later, thoroughAt: ASKED_AT }))).toBe('DONE');
  });

  test('fails where the datasource refuses since, also what goes on before it', () => {
    expect(askedSync(id, sync(refused))).toEqual({ id, state: 'FAILED', error: 'Allow it.' });
    expect(stateOf(id, sync({ ...refused, kind: 'replay' }))).toBe('FAILED');
    expect(stateOf(id, sync({ ...refused, lastProgressAt: ASKED_AT - 1 }))).toBe('WAITING');
  });
});

describe('a replay that was asked for', () => {
  const id = newObjectId(ASKED_AT);
  const replay = { kind: 'replay', id } as const;

  test('is known by its id, also when others have followed', () => {
    expect(askedSync(id, undefined)).toEqual({ id, state: 'WAITING' });
    expect(askedSync(id, sync({ state: 'RUNNING' })).state).toBe('WAITING');
    expect(askedSync(id, sync({ ...replay, state: 'RUNNING' })).state).toBe('RUNNING');
    expect(askedSync(id, sync({ ...replay, ...refused }))).toEqual({
      id,
      state: 'FAILED',
      error: 'Allow it.',
    });
    const ended = (outcome: 'done' | 'given-up') => sync({ endedReplays: [{ id, outcome }] });
    expect(askedSync(id, ended('done')).state).toBe('DONE');
    expect(askedSync(id, ended('given-up'))).toMatchObject({
      ...{ state: 'FAILED', error: expect.stringContaining('another replay') },
    });
  });
});

test.each(['', 'compare', 'compare-x', 'b'.repeat(23)])('%j is the id of nothing', (id) => {
  expect(() => askedSync(id, sync())).toThrow(/sync/);
});
