import { meanOf } from '../vectors/embedding-matrix.ts';
import { centred, dot, lengthOf, mainDirections } from '../vectors/main-directions.ts';

/**
 * A rotation after which the first coordinates of the data hold as much of its variance as so few can: Householder's
 * reflections, one for each main direction (Golub and Van Loan, "Matrix Computations", section 5.1). Being orthogonal,
 * it keeps every distance, whatever the directions are.
 */
export interface Reflections {
  readonly mean: Float64Array;
  /** Unit vectors that are perpendicular to the planes, in the order in which to reflect. */
  readonly normals: readonly Float64Array[];
}

/** Vectors that the directions are estimated from, evenly spread. */
const SAMPLE = 500;
/** Of fewer vectors it takes longer to find directions than they save. */
const FEWEST_VECTORS = 1_000;

/** Reflections for vectors of one length; none where they would not pay. */
export function reflectionsFor(vectors: readonly Float32Array[], directions: number): Reflections {
  const dimension = vectors[0]?.length ?? 0;
  const sample = evenlySpread(vectors);
  const mean = meanOf(sample);
  if (dimension <= directions || vectors.length < FEWEST_VECTORS) return { mean, normals: [] };
  const centredSample = sample.map((vector) => centred(vector, mean));
  return { mean, normals: normalsFor(mainDirections(centredSample, directions)) };
}

export function evenlySpread(vectors: readonly Float32Array[]): Float32Array[] {
  const length = Math.min(SAMPLE, vectors.length);
  return Array.from(
    { length },
    (_, at) => vectors[Math.floor((at * vectors.length) / length)] as Float32Array,
  );
}

/** The n-th reflection turns the n-th direction, reflected by those before, into the n-th axis. */
function normalsFor(directions: readonly Float64Array[]): Float64Array[] {
  const normals: Float64Array[] = [];
  directions.forEach((direction, axis) => {
    const normal = direction.slice();
    for (const before of normals) reflect(normal, before);
    normal.fill(0, 0, axis);
    const length = lengthOf(normal);
    // The sign that adds up: the other one would cancel digits.
    normal[axis] = (normal[axis] as number) + ((normal[axis] as number) < 0 ? -length : length);
    const ofNormal = lengthOf(normal);
    if (ofNormal > 0) normals.push(normal.map((value) => value / ofNormal));
  });
  return normals;
}

function reflect(vector: Float64Array, normal: Float64Array): void {
  const factor = 2 * dot(vector, normal);
  for (let axis = 0; axis < vector.length; axis++) {
    vector[axis] = (vector[axis] as number) - factor * (normal[axis] as number);
  }
}
