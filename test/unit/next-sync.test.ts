import { describe, expect, test } from '@jest/globals';
import type { DatasetSync } from '#contracts/syncs';
import { answers, doneSync, failedSync, NO_COUNTS, nextSync } from '#platform/syncs/next-sync';

const ID = 'a'.repeat(24);
const sync = (fields: Partial<DatasetSync> = {}): DatasetSync => ({
  ...{ datasetId: ID, version: 3, id: 'b'.repeat(24), kind: 'compare', scope: {}, placeDigest: 'here' },
  ...{ source: 'listing', state: 'DONE', startedAt: 1_000, lastProgressAt: 1_000, parts: [] },
  ...{ counts: NO_COUNTS, firstStartedAt: 500, firstFinishedAt: 700 },
  ...fields,
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
