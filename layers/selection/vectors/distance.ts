/**
 * The Euclidean distance that selection is defined by: squares added in order in float64, the root rounded to
 * float32. Everything faster only decides whether this has to be computed.
 */
export function distance(
  a: Float32Array,
  aStart: number,
  b: Float32Array,
  bStart: number,
  length: number,
): number {
  let sum = 0;
  for (let axis = 0; axis < length; axis++) {
    const difference = (a[aStart + axis] as number) - (b[bStart + axis] as number);
    sum += difference * difference;
  }
  return Math.fround(Math.sqrt(sum));
}

/**
 * Room for rounding where a bound says that a distance can't be smaller than one that is known. Distances are rounded to
 * float32 (6e-8 relative, 7e-46 absolute) and sums of float64 squares differ by their order (below 1e-12).
 */
export const RELATIVE_SLACK = 1 + 1e-6;
export const ABSOLUTE_SLACK = 1e-40;

/** Additions between two looks at the limit: looking costs a branch, and most vectors have a few hundred values. */
const BLOCK = 32;

/**
 * The squared distance, or some number above `limit` as soon as it is known to be larger than that. Four sums side
 * by side keep the processor's adders busy; the last bits therefore differ from those of {@link distance}.
 */
export function squaredDistanceUpTo(
  limit: number,
  a: Float32Array,
  aStart: number,
  b: Float32Array,
  bStart: number,
  length: number,
): number {
  let sum = 0;
  let axis = 0;
  for (; axis + BLOCK <= length && sum <= limit; axis += BLOCK) {
    sum += squaredDistanceOfBlock(a, aStart + axis, b, bStart + axis);
  }
  for (; axis < length && sum <= limit; axis++) {
    const difference = (a[aStart + axis] as number) - (b[bStart + axis] as number);
    sum += difference * difference;
  }
  return sum;
}

function squaredDistanceOfBlock(a: Float32Array, aStart: number, b: Float32Array, bStart: number): number {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let sum3 = 0;
  for (let axis = 0; axis < BLOCK; axis += 4) {
    const difference0 = (a[aStart + axis] as number) - (b[bStart + axis] as number);
    const difference1 = (a[aStart + axis + 1] as number) - (b[bStart + axis + 1] as number);
    const difference2 = (a[aStart + axis + 2] as number) - (b[bStart + axis + 2] as number);
    const difference3 = (a[aStart + axis + 3] as number) - (b[bStart + axis + 3] as number);
    sum0 += difference0 * difference0;
    sum1 += difference1 * difference1;
    sum2 += difference2 * difference2;
    sum3 += difference3 * difference3;
  }
  return sum0 + sum1 + sum2 + sum3;
}
