import { describe, expect, test } from '@jest/globals';
import { DEFAULT_SETTINGS } from '#contracts/settings';
import { decideSchedule } from '#platform/scheduling/intake';

const settings = {
  ...DEFAULT_SETTINGS.schedule,
  minNewImages: 10,
  quietPeriodSeconds: 60,
  maxWaitSeconds: 900,
};
const SECOND = 1000;
const first = 1_000_000;

/** The decision `at` seconds after the first arrival, the last one having been at `last` seconds. */
const decide = (at: number, last: number, pending: number, busy = false) =>
  decideSchedule(
    { firstArrivalAt: first, lastArrivalAt: first + last * SECOND },
    settings,
    pending,
    busy,
    first + at * SECOND,
  );

describe('whether a dataset is due for a run', () => {
  test('not while images keep arriving', () => {
    expect(decide(100, 90, 50)).toEqual({ do: 'wait', until: first + 150 * SECOND });
  });

  test('when it has been quiet for long enough', () => {
    expect(decide(150, 90, 50)).toEqual({ do: 'schedule' });
  });

  test('when the first image has waited long enough, quiet or not', () => {
    expect(decide(899, 898, 50)).toEqual({ do: 'wait', until: first + 900 * SECOND });
    expect(decide(900, 899, 50)).toEqual({ do: 'schedule' });
  });

  test('not with too few new images, however long they wait', () => {
    expect(decide(60, 0, 9)).toEqual({ do: 'nothing' });
    expect(decide(5000, 0, 9)).toEqual({ do: 'nothing' });
    expect(decide(60, 0, 10)).toEqual({ do: 'schedule' });
  });

  test('later, while a run of the dataset is under way', () => {
    expect(decide(150, 90, 50, true)).toEqual({ do: 'wait', until: first + 210 * SECOND });
  });

  test('a quiet period of zero does not spin while a run is under way', () => {
    const decision = decideSchedule(
      { firstArrivalAt: first, lastArrivalAt: first },
      { ...settings, quietPeriodSeconds: 0 },
      50,
      true,
      first,
    );
    expect(decision).toEqual({ do: 'wait', until: first + SECOND });
  });
});
