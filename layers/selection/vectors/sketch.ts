import { type EmbeddingMatrix, meanOf } from './embedding-matrix.ts';
import { centred, dot, mainDirections } from './main-directions.ts';

/**
 * A short stand-in for each vector, whose distances are never larger than those of the vectors themselves: the
 * coordinates along the directions in which the data varies most, and as a last one the length of the rest.
 *
 * With p the coordinates and r the rest of x and y, |x - y|² = |px - py|² + |rx - ry|² and |rx - ry| >= | |rx| - |ry| |.
 */
export interface Sketches {
  readonly matrix: EmbeddingMatrix;
  /** The sketch of any vector of the same length. */
  sketchOf(vector: Float32Array): Float32Array;
  /** What rounding may add to the distance of this sketch to that of a row. */
  slackOf(sketch: Float32Array): number;
}

/** Length of a sketch: an eighth of the usual 256 values. */
const LENGTH = 32;
/** Below these it costs more than it saves. */
const SMALLEST_DIMENSION = 3 * LENGTH;
const FEWEST_ROWS = 1_000;
/** Rows that the directions are estimated from, evenly spread. */
const SAMPLE_ROWS = 500;
/** A sketch that holds less of the data's variance says too little about distances. */
const LEAST_SHARE_OF_VARIANCE = 0.4;
/** Share of the two vectors' lengths that rounding may add to the distance of their sketches; really below 1e-6. */
const ROUNDING = 1e-5;
/** Squares of larger coordinates might leave the range of float32. */
const LARGEST_LENGTH = 1e15;

/** Sketches of all rows; undefined where they would not pay. */
export function sketchesOf(data: EmbeddingMatrix): Sketches | undefined {
  if (data.dimension < SMALLEST_DIMENSION || data.rows < FEWEST_ROWS) return undefined;
  const sampleRows = Array.from({ length: SAMPLE_ROWS }, (_, at) =>
    rowOf(data, Math.floor((at * data.rows) / SAMPLE_ROWS)),
  );
  const mean = meanOf(sampleRows);
  const sample = sampleRows.map((row) => centred(row, mean));
  const directions = mainDirections(sample, LENGTH - 1);
  if (!(shareOfVariance(sample, directions) >= LEAST_SHARE_OF_VARIANCE)) return undefined;
  const sketchOf = (vector: Float32Array): Float32Array => sketch(centred(vector, mean), directions);
  const values = new Float32Array(data.rows * LENGTH);
  let longest = 0;
  for (let row = 0; row < data.rows; row++) {
    const ofRow = sketchOf(rowOf(data, row));
    longest = Math.max(longest, Math.hypot(...ofRow));
    values.set(ofRow, row * LENGTH);
  }
  if (!(longest < LARGEST_LENGTH)) return undefined;
  const slackOf = (ofVector: Float32Array): number => (longest + Math.hypot(...ofVector)) * ROUNDING;
  return { matrix: { values, rows: data.rows, dimension: LENGTH }, sketchOf, slackOf };
}

const rowOf = ({ values, dimension }: EmbeddingMatrix, row: number): Float32Array =>
  values.subarray(row * dimension, (row + 1) * dimension);

function sketch(vector: Float64Array, directions: readonly Float64Array[]): Float32Array {
  const coordinates = new Float32Array(LENGTH);
  let covered = 0;
  for (let at = 0; at < directions.length; at++) {
    const coordinate = dot(directions[at] as Float64Array, vector);
    coordinates[at] = coordinate;
    covered += coordinate * coordinate;
  }
  coordinates[LENGTH - 1] = Math.sqrt(Math.max(0, dot(vector, vector) - covered));
  return coordinates;
}

function shareOfVariance(sample: readonly Float64Array[], directions: readonly Float64Array[]): number {
  let covered = 0;
  let total = 0;
  for (const row of sample) {
    total += dot(row, row);
    for (const direction of directions) covered += dot(row, direction) ** 2;
  }
  return covered / total;
}
