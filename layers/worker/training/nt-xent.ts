const { exp, log, sqrt } = Math;

/** Vectors of `dimension` values, one after another. */
export interface Rows {
  readonly values: Float32Array;
  readonly dimension: number;
}

/**
 * The normalised temperature-scaled cross entropy of a batch, and its gradient. Rows 2i and 2i + 1 are two views of
 * one image; every other row of the batch is of another image. With u = z / |z| and s(i, j) = u_i · u_j / T:
 *
 *     loss = mean over rows i of  −s(i, partner of i) + ln Σ over j ≠ i of exp s(i, j)
 *
 * Source: Chen et al. 2020, equation 1; Sohn 2016 for the loss without temperature.
 *
 * @param rows z; an even number of them
 * @param gradient is overwritten with ∂loss/∂z
 */
export function ntXent({ values, dimension }: Rows, temperature: number, gradient: Float32Array): number {
  const count = values.length / dimension;
  const { units, lengths } = unitRows(values, dimension);
  const pull = new Float64Array(count * count);
  let loss = 0;
  for (let i = 0; i < count; i++) loss += pullOfRow(i, units, dimension, temperature, pull);
  const ofUnit = new Float64Array(dimension);
  for (let i = 0; i < count; i++) {
    ofUnit.fill(0);
    for (let j = 0; j < count; j++) {
      const weight =
        ((pull[i * count + j] as number) + (pull[j * count + i] as number)) / (count * temperature);
      if (weight !== 0) addScaled(ofUnit, units, j * dimension, weight);
    }
    // Through u = z / |z|: what points along u changes nothing.
    const along = dot(units, i * dimension, ofUnit, 0, dimension);
    const length = lengths[i] as number;
    for (let k = 0; k < dimension; k++) {
      gradient[i * dimension + k] =
        ((ofUnit[k] as number) - along * (units[i * dimension + k] as number)) / length;
    }
  }
  return loss / count;
}

/** Shorter rows have no direction to speak of. */
const LEAST_LENGTH = 1e-12;

function unitRows(values: Float32Array, dimension: number): { units: Float64Array; lengths: Float64Array } {
  const units = Float64Array.from(values);
  const lengths = new Float64Array(values.length / dimension);
  for (let row = 0; row < lengths.length; row++) {
    const at = row * dimension;
    const length = Math.max(LEAST_LENGTH, sqrt(dot(units, at, units, at, dimension)));
    lengths[row] = length;
    for (let k = at; k < at + dimension; k++) units[k] = (units[k] as number) / length;
  }
  return { units, lengths };
}

/** The loss of row i; `pull` gets ∂loss/∂s(i, j): the softmax, less 1 for the partner. */
function pullOfRow(
  i: number,
  units: Float64Array,
  dimension: number,
  temperature: number,
  pull: Float64Array,
): number {
  const count = units.length / dimension;
  const start = i * count;
  // Similarities are at most 1 / T, so that subtracting it keeps every exponential from overflowing.
  let sum = 0;
  for (let j = 0; j < count; j++) {
    const similarity = dot(units, i * dimension, units, j * dimension, dimension);
    const weight = j === i ? 0 : exp((similarity - 1) / temperature);
    pull[start + j] = weight;
    sum += weight;
  }
  for (let j = 0; j < count; j++) pull[start + j] = (pull[start + j] as number) / sum;
  const partner = start + (i ^ 1);
  const loss = -log(pull[partner] as number);
  pull[partner] = (pull[partner] as number) - 1;
  return loss;
}

function dot(a: Float64Array, atA: number, b: Float64Array, atB: number, dimension: number): number {
  let sum = 0;
  for (let k = 0; k < dimension; k++) sum += (a[atA + k] as number) * (b[atB + k] as number);
  return sum;
}

function addScaled(to: Float64Array, from: Float64Array, at: number, scale: number): void {
  for (let k = 0; k < to.length; k++) to[k] = (to[k] as number) + scale * (from[at + k] as number);
}
