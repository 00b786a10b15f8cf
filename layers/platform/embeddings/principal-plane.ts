/** Steps of the power iteration; the plot needs directions to a few degrees. */
const ITERATIONS = 40;

/** A point of the plane. */
export type Point = [number, number];

/**
 * The plane in which vectors spread the most: their first two principal components, by power iteration from a fixed
 * start, so that the same vectors give the same plane.
 *
 * @returns the projection of a vector into the plane, rounded to four decimals.
 */
export function principalPlane(vectors: readonly Float32Array[]): (vector: Float32Array) => Point {
  const dimension = vectors[0]?.length ?? 0;
  const mean = meanOf(vectors, dimension);
  const first = mainDirection(vectors, mean, startDirection(dimension, 0), []);
  const second = mainDirection(vectors, mean, startDirection(dimension, 1), [first]);
  const along = (vector: Float32Array, direction: Float64Array): number =>
    Math.round(centredProduct(vector, mean, direction) * 10_000) / 10_000;
  return (vector) => [along(vector, first), along(vector, second)];
}

function meanOf(vectors: readonly Float32Array[], dimension: number): Float64Array {
  const mean = new Float64Array(dimension);
  for (const vector of vectors) {
    for (let axis = 0; axis < dimension; axis++) mean[axis] = (mean[axis] ?? 0) + (vector[axis] ?? 0);
  }
  return mean.map((sum) => sum / vectors.length);
}

/** Something with a share of every axis and no symmetry that data might have too. */
const startDirection = (dimension: number, seed: number): Float64Array =>
  Float64Array.from({ length: dimension }, (_, axis) => Math.sin(1 + axis * (seed + 1.7)));

function mainDirection(
  vectors: readonly Float32Array[],
  mean: Float64Array,
  start: Float64Array,
  orthogonalTo: readonly Float64Array[],
): Float64Array {
  let direction = start;
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    const next = new Float64Array(mean.length);
    for (const vector of vectors) {
      const weight = centredProduct(vector, mean, direction);
      for (let axis = 0; axis < next.length; axis++) {
        next[axis] = (next[axis] ?? 0) + weight * ((vector[axis] ?? 0) - (mean[axis] ?? 0));
      }
    }
    for (const other of orthogonalTo) subtractPart(next, other);
    direction = unit(next);
  }
  return direction;
}

function centredProduct(vector: Float32Array, mean: Float64Array, direction: Float64Array): number {
  let sum = 0;
  for (let axis = 0; axis < mean.length; axis++) {
    sum += ((vector[axis] as number) - (mean[axis] as number)) * (direction[axis] as number);
  }
  return sum;
}

function subtractPart(vector: Float64Array, direction: Float64Array): void {
  const share = vector.reduce((sum, value, axis) => sum + value * (direction[axis] ?? 0), 0);
  for (let axis = 0; axis < vector.length; axis++) {
    vector[axis] = (vector[axis] ?? 0) - share * (direction[axis] ?? 0);
  }
}

function unit(vector: Float64Array): Float64Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return length > 0 ? vector.map((value) => value / length) : vector;
}
