import type { DynamicObjective } from './strategies/strategy.ts';

/** Finds the candidate with the largest score among those that are open and admitted; of several, the first. */
export interface BestFinder {
  /** Its position; -1 where there is none. */
  best(): number;
  /** Floating-point operations of one call, roughly. */
  readonly work: number;
}

/** True where candidates can only differ in their constant score and in the groups that they belong to. */
export const canUseBuckets = (dynamic: readonly DynamicObjective[]): boolean =>
  dynamic.every(({ dynamics, groupOf }) => !dynamics.admits && (!dynamics.changesValues || groupOf));

/** Looks at every candidate each time. `changing` is the part of `dynamic` whose values change. */
export function finderByRescan(
  open: Uint8Array,
  constantScores: Float64Array,
  changing: readonly DynamicObjective[],
  dynamic: readonly DynamicObjective[],
): BestFinder {
  const limits = dynamic.flatMap(({ dynamics }) => (dynamics.admits ? [dynamics] : []));
  const isAdmitted = (position: number) => limits.every((dynamics) => dynamics.admits?.(position));
  const best = (): number => {
    let found = -1;
    let bestScore = Number.NEGATIVE_INFINITY;
    for (let position = 0; position < open.length; position++) {
      if (open[position] === 0) continue;
      let score = constantScores[position] as number;
      for (let at = 0; at < changing.length; at++) {
        const { strength, logValues, groupOf } = changing[at] as DynamicObjective;
        const value = groupOf === undefined ? position : (groupOf[position] as number);
        score += strength * (logValues[value] as number);
      }
      if ((score > bestScore || found < 0) && isAdmitted(position)) {
        found = position;
        bestScore = score;
      }
    }
    return found;
  };
  return { best, work: open.length * (1 + changing.length) };
}

/**
 * Candidates whose changing values are always the same lie in one bucket, best constant score first. Only the first
 * open one of each bucket can be the best of all: looking takes as long as there are buckets, not candidates.
 */
export function finderInBuckets(
  open: Uint8Array,
  constantScores: Float64Array,
  changing: readonly DynamicObjective[],
): BestFinder {
  const buckets = bucketsOf(constantScores, changing);
  const heads = new Uint32Array(buckets.length);
  const best = (): number => {
    let found = -1;
    let bestScore = Number.NEGATIVE_INFINITY;
    for (let at = 0; at < buckets.length; at++) {
      const bucket = buckets[at] as Uint32Array;
      while (open[bucket[heads[at] as number] as number] === 0) heads[at] = (heads[at] as number) + 1;
      const position = bucket[heads[at] as number];
      if (position === undefined) continue;
      let score = constantScores[position] as number;
      for (const { strength, logValues, groupOf } of changing) {
        score += strength * (logValues[groupOf?.[position] as number] as number);
      }
      if (score > bestScore || found < 0 || (score === bestScore && position < found)) {
        found = position;
        bestScore = score;
      }
    }
    return found;
  };
  return { best, work: buckets.length * (1 + changing.length) };
}

/** Positions by the groups that they belong to, each sorted by score, equal ones by position. */
function bucketsOf(scores: Float64Array, changing: readonly DynamicObjective[]): Uint32Array[] {
  const order = Uint32Array.from(scores.keys()).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number) || a - b,
  );
  const buckets = new Map<string, number[]>();
  for (const position of order) {
    const key = changing.map(({ groupOf }) => groupOf?.[position]).join();
    const bucket = buckets.get(key);
    if (bucket) bucket.push(position);
    else buckets.set(key, [position]);
  }
  return [...buckets.values()].map((bucket) => Uint32Array.from(bucket));
}
