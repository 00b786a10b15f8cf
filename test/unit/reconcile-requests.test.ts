import { describe, expect, test } from '@jest/globals';
import { type RequestMemory, requestMemory } from '#platform/syncs/request-memory';
import { dueEvery } from '../../functions/reconcile/due-every.ts';

/** Asks for what is new. */
const asking = (memory: RequestMemory) => (key: string, eTag: string) => {
  const isNew = memory.isNew(key, eTag);
  if (isNew) memory.note(key, eTag);
  return isNew;
};

describe('what a process does only now and then', () => {
  test('is due at first and then each time the period has passed', () => {
    const clock = { now: 50 };
    const isDue = dueEvery(100, () => clock.now);
    const due = [50, 149, 150, 200, 250].map((at) => {
      clock.now = at;
      return isDue();
    });
    expect(due).toEqual([true, false, true, false, true]);
  });

  test('a request is new until it was made, for some time, and for each state of an object', () => {
    const clock = { now: 0 };
    const isNew = asking(requestMemory({ forMs: 100, most: 10 }, () => clock.now));
    expect([isNew('a', 'e1'), isNew('a', 'e1'), isNew('a', 'e2'), isNew('b', 'e1')]).toEqual([
      true,
      false,
      true,
      true,
    ]);
    clock.now = 100;
    expect(isNew('a', 'e1')).toBe(true);
  });

  test('memory has an end: at the limit everything is new again', () => {
    const isNew = asking(requestMemory({ forMs: 100, most: 2 }, () => 0));
    expect(['a', 'b', 'c', 'a'].map((key) => isNew(key, 'e'))).toEqual([true, true, true, true]);
  });
});
