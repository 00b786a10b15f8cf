import type { Progress } from '../progress.ts';
import { squaredDistanceUpTo } from './distance.ts';
import type { EmbeddingMatrix } from './embedding-matrix.ts';

/** Pairs whose distance is measured in a collection, about: half a minute with vectors of 256 values. */
const PAIRS = 1e8;
/** Distances measured for one row at least: what keeps large collections near to the exact result. */
const FEWEST_DISTANCES = 2_000;
/** Room for rounding where a bound says that a row can't be among the nearest. */
const SLACK = 1 + 1e-6;

/**
 * For each row the mean Euclidean distance to its `k` nearest other rows, or to all others where there are fewer;
 * 0 where there is none.
 *
 * Rows lie in cells around pivots. A search goes through the cells from the nearest pivot on and leaves out what the
 * triangle inequality rules out: with p a pivot, |d(x, p) - d(y, p)| <= d(x, y). Up to 10,000 rows the result is exact.
 * Of more rows, a search ends with the cell in which it has measured {@link PAIRS} / rows distances, 2,000 at least,
 * and may miss neighbours that are further out.
 */
export async function meanNeighbourDistances(
  matrix: EmbeddingMatrix,
  k: number,
  progress: Progress,
): Promise<Float64Array> {
  const cells = await cellsOf(matrix, progress);
  const search = new NeighbourSearch(matrix, cells, Math.min(k, matrix.rows - 1));
  const means = new Float64Array(matrix.rows);
  for (let row = 0; row < matrix.rows; row++) {
    means[row] = search.meanDistanceFrom(row);
    if (progress.spend(search.takeWork())) await progress.pause();
  }
  return means;
}

interface Cell {
  /** Row that the cell lies around. */
  readonly pivot: number;
  readonly rows: Uint32Array;
  /** Distance of each to the pivot. */
  readonly radii: Float64Array;
  readonly largestRadius: number;
}

/** The golden ratio's fraction: multiples of it, without their whole part, are spread evenly and repeat no rhythm. */
const GOLDEN = 0.618033988749895;

/**
 * As many cells as rows in each, on average. Pivots are spread over the rows, one in each stretch of equal length, at
 * another place of it each time: frames of several cameras may take turns, and every camera needs pivots.
 */
async function cellsOf(matrix: EmbeddingMatrix, progress: Progress): Promise<Cell[]> {
  const count = Math.ceil(Math.sqrt(matrix.rows));
  const pivots = Array.from({ length: count }, (_, at) =>
    Math.floor(((at + ((at * GOLDEN) % 1)) * matrix.rows) / count),
  );
  const members = pivots.map(() => ({ rows: [] as number[], radii: [] as number[] }));
  for (let row = 0; row < matrix.rows; row++) {
    let nearest = 0;
    let smallest = Number.POSITIVE_INFINITY;
    for (let at = 0; at < count; at++) {
      const squared = squaredBetween(matrix, row, pivots[at] as number, smallest);
      if (squared < smallest) {
        smallest = squared;
        nearest = at;
      }
    }
    members[nearest]?.rows.push(row);
    members[nearest]?.radii.push(Math.sqrt(smallest));
    if (progress.spend(count * matrix.dimension)) await progress.pause();
  }
  return members.map(({ rows, radii }, at) => ({
    pivot: pivots[at] as number,
    rows: Uint32Array.from(rows),
    radii: Float64Array.from(radii),
    largestRadius: radii.reduce((largest, radius) => Math.max(largest, radius), 0),
  }));
}

function squaredBetween({ values, dimension }: EmbeddingMatrix, a: number, b: number, limit: number): number {
  return squaredDistanceUpTo(limit, values, a * dimension, values, b * dimension, dimension);
}

class NeighbourSearch {
  readonly #matrix: EmbeddingMatrix;
  readonly #cells: readonly Cell[];
  readonly #mostDistances: number;
  /** Squared distances of the nearest found so far, from small to large; Infinity where there is none yet. */
  readonly #nearest: Float64Array;
  readonly #toPivots: Float64Array;
  #work = 0;

  constructor(matrix: EmbeddingMatrix, cells: readonly Cell[], neighbours: number) {
    this.#matrix = matrix;
    this.#cells = cells;
    this.#mostDistances = Math.max(FEWEST_DISTANCES, PAIRS / matrix.rows);
    this.#nearest = new Float64Array(neighbours);
    this.#toPivots = new Float64Array(cells.length);
  }

  /** Floating-point operations since it was asked last, roughly. */
  takeWork(): number {
    const work = this.#work;
    this.#work = 0;
    return work;
  }

  meanDistanceFrom(row: number): number {
    const count = this.#nearest.length;
    if (count === 0) return 0;
    this.#nearest.fill(Number.POSITIVE_INFINITY);
    let measured = this.#cells.length;
    let found = 0;
    for (const at of this.#cellsFrom(row)) {
      if (this.#hasDuplicatesOnly() || (found >= count && measured >= this.#mostDistances)) break;
      const inCell = this.#searchCell(row, at);
      measured += inCell.measured;
      found += inCell.looked;
    }
    this.#work += measured * this.#matrix.dimension;
    let sum = 0;
    for (const squared of this.#nearest) sum += Math.sqrt(squared);
    return sum / count;
  }

  /** Cells from the nearest pivot to the farthest. */
  #cellsFrom(row: number): Uint32Array {
    const distances = this.#toPivots;
    this.#cells.forEach(({ pivot }, at) => {
      distances[at] = Math.sqrt(squaredBetween(this.#matrix, row, pivot, Number.POSITIVE_INFINITY));
    });
    return Uint32Array.from(this.#cells.keys()).sort(
      (a, b) => (distances[a] as number) - (distances[b] as number) || a - b,
    );
  }

  #searchCell(row: number, at: number): { looked: number; measured: number } {
    const { rows, radii, largestRadius } = this.#cells[at] as Cell;
    const toPivot = this.#toPivots[at] as number;
    const last = this.#nearest.length - 1;
    let looked = 0;
    let measured = 0;
    if (toPivot - largestRadius > this.#farthest()) return { looked, measured };
    for (let member = 0; member < rows.length && !this.#hasDuplicatesOnly(); member++) {
      const other = rows[member] as number;
      if (other === row) continue;
      looked++;
      if (Math.abs(toPivot - (radii[member] as number)) > this.#farthest()) continue;
      measured++;
      const limit = this.#nearest[last] as number;
      const squared = squaredBetween(this.#matrix, row, other, limit);
      if (squared < limit) this.#insert(squared);
    }
    return { looked, measured };
  }

  /** True where nothing can be nearer: equal vectors share a cell, which need not be searched to its end. */
  #hasDuplicatesOnly(): boolean {
    return this.#nearest[this.#nearest.length - 1] === 0;
  }

  /** Distance of the last of the nearest, with room for rounding. */
  #farthest(): number {
    return Math.sqrt(this.#nearest[this.#nearest.length - 1] as number) * SLACK;
  }

  #insert(squared: number): void {
    let place = this.#nearest.length - 1;
    while (place > 0 && (this.#nearest[place - 1] as number) > squared) {
      this.#nearest[place] = this.#nearest[place - 1] as number;
      place--;
    }
    this.#nearest[place] = squared;
  }
}
