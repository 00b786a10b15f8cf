/** The nearest of several vectors. `index` is -1 where there was none to compare with. */
export interface Nearest {
  readonly index: number;
  /** Euclidean. */
  readonly distance: number;
}

/**
 * Finds the nearest of some vectors of one length; the very vector that is asked for, not an equal one, does not count.
 *
 * It compares |b|² − 2·a·b, which needs one multiplication for each number, and then measures the winner exactly.
 */
export function nearestAmong(vectors: readonly Float32Array[]): (vector: Float32Array) => Nearest {
  const dimension = vectors[0]?.length ?? 0;
  const values = new Float32Array(vectors.length * dimension);
  const squares = new Float64Array(vectors.length);
  vectors.forEach((vector, at) => {
    values.set(vector, at * dimension);
    squares[at] = product(vector, values, at * dimension);
  });
  const positions = new Map(vectors.map((vector, at) => [vector, at]));
  return (vector) => {
    const own = positions.get(vector);
    let [index, smallest] = [-1, Number.POSITIVE_INFINITY];
    for (let at = 0; at < squares.length; at++) {
      if (at === own) continue;
      const compared = (squares[at] as number) - 2 * product(vector, values, at * dimension);
      if (compared >= smallest) continue;
      smallest = compared;
      index = at;
    }
    const nearest = vectors[index];
    return { index, distance: nearest ? distanceBetween(vector, nearest) : Number.POSITIVE_INFINITY };
  };
}

/** Four sums side by side: a processor adds to one while it multiplies for another. */
function product(a: Float32Array, values: Float32Array, offset: number): number {
  const whole = a.length - (a.length % 4);
  let [first, second, third, fourth] = [0, 0, 0, 0];
  for (let at = 0; at < whole; at += 4) {
    const place = offset + at;
    first += (a[at] as number) * (values[place] as number);
    second += (a[at + 1] as number) * (values[place + 1] as number);
    third += (a[at + 2] as number) * (values[place + 2] as number);
    fourth += (a[at + 3] as number) * (values[place + 3] as number);
  }
  for (let at = whole; at < a.length; at++) first += (a[at] as number) * (values[offset + at] as number);
  return first + second + third + fourth;
}

function distanceBetween(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let axis = 0; axis < a.length; axis++) sum += ((a[axis] as number) - (b[axis] as number)) ** 2;
  return Math.sqrt(sum);
}

/** For each of `asking`, which are of the set, the distance to the nearest other vector of the set. Empty below two. */
export function distancesWithin(asking: readonly Float32Array[], set = asking): number[] {
  if (set.length < 2) return [];
  const nearest = nearestAmong(set);
  return asking.map((vector) => nearest(vector).distance);
}

/** How well `cover` stands for `input`: for each input the distance to the nearest vector of the cover. */
export function distancesToCover(input: readonly Float32Array[], cover: readonly Float32Array[]): number[] {
  if (cover.length === 0) return [];
  const covering = new Set(cover);
  const nearest = nearestAmong(cover);
  return input.map((vector) => (covering.has(vector) ? 0 : nearest(vector).distance));
}
