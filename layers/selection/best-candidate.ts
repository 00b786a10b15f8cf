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
  const { order, starts } = bucketsOf(constantScores, changing);
  const heads = starts.slice(0, -1);
  const scores = new Float64Array(heads.length);
  const best = (): number => {
    let found = -1;
    let bestScore = Number.NEGATIVE_INFINITY;
    moveToOpen(heads, { order, starts }, open);
    for (let at = 0; at < heads.length; at++)
      scores[at] = constantScores[order[heads[at] as number] as number] ?? 0;
    for (const objective of changing) addValues(scores, heads, order, objective);
    for (let at = 0; at < heads.length; at++) {
      if (heads[at] === starts[at + 1]) continue;
      const score = scores[at] as number;
      const position = order[heads[at] as number] as number;
      if (score > bestScore || found < 0 || (score === bestScore && position < found)) {
        found = position;
        bestScore = score;
      }
    }
    return found;
  };
  return { best, work: heads.length * (2 + changing.length) };
}

interface Buckets {
  /** Positions, bucket after bucket. */
  readonly order: Uint32Array;
  /** Where each bucket starts in `order`, and at the end how many positions there are. */
  readonly starts: Uint32Array;
}

function moveToOpen(heads: Uint32Array, { order, starts }: Buckets, open: Uint8Array): void {
  for (let at = 0; at < heads.length; at++) {
    const end = starts[at + 1] as number;
    let head = heads[at] as number;
    while (head < end && open[order[head] as number] === 0) head++;
    heads[at] = head;
  }
}

function addValues(
  scores: Float64Array,
  heads: Uint32Array,
  order: Uint32Array,
  { strength, logValues, groupOf }: DynamicObjective,
): void {
  if (groupOf === undefined) throw new Error('Buckets are made of objectives with groups.');
  for (let at = 0; at < heads.length; at++) {
    const group = groupOf[order[heads[at] as number] as number] as number;
    scores[at] = (scores[at] as number) + strength * (logValues[group] as number);
  }
}

/** Positions by the groups that they belong to, each bucket sorted by score, equal ones by position. */
function bucketsOf(scores: Float64Array, changing: readonly DynamicObjective[]): Buckets {
  const sorted = Uint32Array.from(scores.keys()).sort(
    (a, b) => (scores[b] as number) - (scores[a] as number) || a - b,
  );
  const buckets = new Map<string, number[]>();
  for (const position of sorted) {
    const key = changing.map(({ groupOf }) => groupOf?.[position]).join();
    const bucket = buckets.get(key);
    if (bucket) bucket.push(position);
    else buckets.set(key, [position]);
  }
  const starts = new Uint32Array(buckets.size + 1);
  [...buckets.values()].forEach(({ length }, at) => {
    starts[at + 1] = (starts[at] as number) + length;
  });
  return { order: Uint32Array.from([...buckets.values()].flat()), starts };
}
