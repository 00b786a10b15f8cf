import type { Progress } from '../progress.ts';
import { meanOf } from '../vectors/embedding-matrix.ts';
import { centred, mainDirections } from '../vectors/main-directions.ts';

/**
 * Coordinates along a few orthonormal axes: the distance of two images' coordinates is never larger than that of their
 * vectors, since each is the length of a part of their difference. Axes in the directions of large variance make it
 * nearly as large.
 */
export interface AxisCoordinates {
  /** One row of {@link AXES} values an image. */
  readonly values: Float32Array;
  /** How much larger than the true distance rounding may make the distance of two rows. */
  readonly slack: number;
}

/** A quarter of the usual 256 values: most of the variance of photographs, in a quarter of the memory. */
export const AXES = 64;
/** Vectors that the axes are estimated from, evenly spread. Any orthonormal axes are right; good ones are fast. */
const SAMPLE_SIZE = 400;
/** Of the longest vector: float32 keeps 24 bits of a coordinate, 2^-24 is 6e-8. */
const ROUNDING = 1e-5;

/** @param vectors - of one length */
export async function axisCoordinates(
  vectors: readonly Float32Array[],
  progress: Progress,
): Promise<AxisCoordinates> {
  const values = new Float32Array(vectors.length * AXES);
  if (vectors.length === 0) return { values, slack: 0 };
  const axes = mainDirections(evenSample(vectors), AXES);
  let longest = 0;
  for (const [row, vector] of vectors.entries()) {
    axes.forEach((axis, at) => {
      values[row * AXES + at] = dot(axis, vector);
    });
    longest = Math.max(longest, dot(vector, vector));
    if (progress.spend(AXES * vector.length)) await progress.pause();
  }
  return { values, slack: Math.sqrt(longest) * ROUNDING };
}

function evenSample(vectors: readonly Float32Array[]): Float64Array[] {
  const size = Math.min(SAMPLE_SIZE, vectors.length);
  const sample = Array.from(
    { length: size },
    (_, at) => vectors[Math.floor((at * vectors.length) / size)] as Float32Array,
  );
  const mean = meanOf(sample);
  return sample.map((vector) => centred(vector, mean));
}

function dot(a: Float64Array | Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number);
  return sum;
}
