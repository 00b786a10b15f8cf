/** The nearest of several vectors. `index` is -1 where there was none to compare with. */
export interface Nearest {
  readonly index: number;
  /** Euclidean. */
  readonly distance: number;
}

/** The one of `others` that is nearest to `vector`; the very same vector, not an equal one, does not count. */
export function nearestTo(vector: Float32Array, others: readonly Float32Array[]): Nearest {
  let index = -1;
  let smallest = Number.POSITIVE_INFINITY;
  for (let candidate = 0; candidate < others.length; candidate++) {
    const other = others[candidate];
    if (other === vector || other === undefined) continue;
    const squared = squaredDistanceBelow(smallest, vector, other);
    if (squared < smallest) {
      smallest = squared;
      index = candidate;
    }
  }
  return { index, distance: Math.sqrt(smallest) };
}

/** For each of `asking`, which are of the set, the distance to the nearest other vector of the set. Empty below two. */
export const distancesWithin = (asking: readonly Float32Array[], set = asking): number[] =>
  set.length < 2 ? [] : asking.map((vector) => nearestTo(vector, set).distance);

/** How well `cover` stands for `input`: for each input the distance to the nearest vector of the cover. */
export function distancesToCover(input: readonly Float32Array[], cover: readonly Float32Array[]): number[] {
  if (cover.length === 0) return [];
  const covering = new Set(cover);
  return input.map((vector) => (covering.has(vector) ? 0 : nearestTo(vector, cover).distance));
}

/** Gives up as soon as the sum has reached `limit`: most vectors are far away. */
function squaredDistanceBelow(limit: number, a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let axis = 0; axis < a.length && sum < limit; axis += 16) {
    const end = Math.min(axis + 16, a.length);
    for (let at = axis; at < end; at++) {
      const difference = (a[at] as number) - (b[at] as number);
      sum += difference * difference;
    }
  }
  return sum;
}
