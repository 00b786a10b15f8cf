/** Passes of the subspace iteration: the directions need not be exact, any orthonormal ones give a lower bound. */
const PASSES = 2;

/**
 * Orthonormal directions in which centred vectors vary most, roughly in order, by subspace iteration (Golub and
 * Van Loan, "Matrix Computations", orthogonal iteration); zero vectors where the data has fewer.
 */
export function mainDirections(sample: readonly Float64Array[], count: number): Float64Array[] {
  let directions = orthonormal(
    Array.from(
      { length: count },
      (_, at) => sample[Math.floor((at * sample.length) / (count + 1))] as Float64Array,
    ),
  );
  for (let pass = 0; pass < PASSES; pass++) {
    directions = orthonormal(directions.map((direction) => timesCovariance(sample, direction)));
  }
  return directions;
}

export function centred(vector: Float32Array, mean: Float64Array): Float64Array {
  const moved = new Float64Array(vector.length);
  for (let axis = 0; axis < vector.length; axis++) {
    moved[axis] = (vector[axis] as number) - (mean[axis] as number);
  }
  return moved;
}

function timesCovariance(sample: readonly Float64Array[], direction: Float64Array): Float64Array {
  const product = new Float64Array(direction.length);
  for (const row of sample) addMultiple(product, row, dot(row, direction));
  return product;
}

/** Gram and Schmidt's process, each vector cleaned twice: once leaves rounding errors where vectors are alike. */
function orthonormal(vectors: readonly Float64Array[]): Float64Array[] {
  const directions: Float64Array[] = [];
  for (const vector of vectors) {
    const cleaned = vector.slice();
    const before = lengthOf(cleaned);
    for (const direction of [...directions, ...directions])
      addMultiple(cleaned, direction, -dot(cleaned, direction));
    const length = lengthOf(cleaned);
    directions.push(length > before * 1e-6 ? cleaned.map((value) => value / length) : cleaned.fill(0));
  }
  return directions;
}

function addMultiple(target: Float64Array, vector: Float64Array, factor: number): void {
  for (let axis = 0; axis < target.length; axis++) {
    target[axis] = (target[axis] as number) + factor * (vector[axis] as number);
  }
}

export const lengthOf = (vector: Float64Array): number => Math.sqrt(dot(vector, vector));

/** Two sums side by side, because an addition has to wait for the one before it. */
export function dot(a: Float64Array, b: Float64Array): number {
  let even = 0;
  let odd = 0;
  let axis = 0;
  for (; axis + 1 < a.length; axis += 2) {
    even += (a[axis] as number) * (b[axis] as number);
    odd += (a[axis + 1] as number) * (b[axis + 1] as number);
  }
  return axis < a.length ? even + odd + (a[axis] as number) * (b[axis] as number) : even + odd;
}
