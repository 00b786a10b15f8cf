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
/** Passes of the subspace iteration. */
const PASSES = 3;
/** Of the longest vector: float32 keeps 24 bits of a coordinate, 2^-24 is 6e-8. */
const ROUNDING = 1e-5;

export function axisCoordinates(vectors: readonly Float32Array[]): AxisCoordinates {
  const axes = mainAxes(evenSample(vectors));
  const values = new Float32Array(vectors.length * AXES);
  let longest = 0;
  vectors.forEach((vector, row) => {
    axes.forEach((axis, at) => {
      values[row * AXES + at] = dot(axis, vector);
    });
    longest = Math.max(longest, squaredLength(vector));
  });
  return { values, slack: Math.sqrt(longest) * ROUNDING };
}

function evenSample(vectors: readonly Float32Array[]): Float64Array[] {
  const size = Math.min(SAMPLE_SIZE, vectors.length);
  const sample = Array.from({ length: size }, (_, at) =>
    Float64Array.from(vectors[Math.floor((at * vectors.length) / size)] as Float32Array),
  );
  const mean = new Float64Array(sample[0]?.length ?? 0);
  for (const vector of sample) addMultiple(mean, vector, 1 / size);
  for (const vector of sample) addMultiple(vector, mean, -1);
  return sample;
}

/** Orthonormal axes; fewer where the vectors span fewer directions. */
function mainAxes(sample: readonly Float64Array[]): Float64Array[] {
  let axes = orthonormal(sample.slice(0, 2 * AXES));
  for (let pass = 0; pass < PASSES; pass++) axes = orthonormal(axes.map((axis) => spread(sample, axis)));
  return axes;
}

/** The covariance of the sample times a vector, not scaled. */
function spread(sample: readonly Float64Array[], axis: Float64Array): Float64Array {
  const product = new Float64Array(axis.length);
  for (const vector of sample) addMultiple(product, vector, dot(axis, vector));
  return product;
}

/** A vector that is this small a part of what it was before lies in the span of the others, but for rounding. */
const WITHIN_SPAN = 1e-6;

/** Gram and Schmidt's process, each vector cleaned twice against rounding; at most {@link AXES}. */
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const axes: Float64Array[] = [];
  for (const vector of vectors) {
    if (axes.length === AXES) break;
    const rest = vector.slice();
    const before = Math.sqrt(dot(rest, rest));
    for (const axis of [...axes, ...axes]) addMultiple(rest, axis, -dot(rest, axis));
    const length = Math.sqrt(dot(rest, rest));
    if (length > before * WITHIN_SPAN) axes.push(rest.map((value) => value / length));
  }
  return axes;
}

function addMultiple(target: Float64Array, vector: Float64Array, factor: number): void {
  for (let at = 0; at < target.length; at++) {
    target[at] = (target[at] as number) + factor * (vector[at] as number);
  }
}

const squaredLength = (vector: Float32Array): number => {
  let sum = 0;
  for (const value of vector) sum += value * value;
  return sum;
};

function dot(a: Float64Array, b: Float64Array | Float32Array): number {
  let sum = 0;
  for (let at = 0; at < a.length; at++) sum += (a[at] as number) * (b[at] as number);
  return sum;
}
