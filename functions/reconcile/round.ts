/** One invocation. */
export interface Round {
  /** Look at everything, also at what hardly ever changes. */
  readonly isLong: boolean;
  /** ms until the invocation has to come to its end. */
  readonly leftMs: () => number;
}

/** A round that is under way. */
export interface RoundUnderWay extends Round {
  /** Another datasource may be tried: nobody knows how long that takes. */
  readonly mayTry: () => boolean;
}

/** Of the time of a round, what goes to datasources that refuse: everything else waits for them. */
const SHARE_OF_TRIALS = 1 / 3;

export const timeIsUp = ({ leftMs }: Round): boolean => leftMs() <= 0;

/** @param longestTrialMs no trial begins with less time than that: it would be stopped together with its round */
export function beginRound(round: Round, longestTrialMs: number): RoundUnderWay {
  const leastLeftMs = Math.max(round.leftMs() * (1 - SHARE_OF_TRIALS), longestTrialMs);
  return { ...round, mayTry: () => round.leftMs() >= leastLeftMs };
}

/** Rounds begin this often (ms). */
const ROUND_EVERY_MS = 5 * 60_000;
/** Multiples of it, without what is before the point, come near to every number between 0 and 1 soon. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/**
 * The same in the same order, but each round begins at another place, far from those of the rounds before: whatever a
 * round does not come to is looked at first in one of the next.
 *
 * @param now ms
 */
export function fromAnotherPlace<T>(items: readonly T[], now: number): T[] {
  const start = Math.floor(((Math.floor(now / ROUND_EVERY_MS) * GOLDEN_RATIO) % 1) * items.length);
  return [...items.slice(start), ...items.slice(0, start)];
}
