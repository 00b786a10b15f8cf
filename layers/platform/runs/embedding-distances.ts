/** The nearest of several vectors. `index` is -1 where there was none to compare with. */
export interface Nearest {
  readonly index: number;
  /** Euclidean. */
  readonly distance: number;
}

/** The one of `others` that is nearest to `vector`; `except` is a position that does not count. */
export function nearestTo(vector: Float32Array, others: readonly Float32Array[], except = -1): Nearest {
  let index = -1;
  let smallest = Number.POSITIVE_INFINITY;
  for (let candidate = 0; candidate < others.length; candidate++) {
    const other = others[candidate];
    if (candidate === except || other === undefined) continue;
    const squared = squaredDistanceBelow(smallest, vector, other);
    if (squared < smallest) {
      smallest = squared;
      index = candidate;
    }
  }
  return { index, distance: Math.sqrt(smallest) };
}

/** For each vector of a set the distance to the nearest other one of the same set. Empty below two vectors. */
export function distancesWithin(set: readonly Float32Array[]): number[] {
  return set.length < 2 ? [] : set.map((vector, position) => nearestTo(vector, set, position).distance);
}

/** How well `cover` stands for `input`: for each input the distance to the nearest vector of the cover. */
export function distancesToCover(input: readonly Float32Array[], cover: readonly Float32Array[]): number[] {
  return cover.length === 0 ? [] : input.map((vector) => nearestTo(vector, cover).distance);
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
