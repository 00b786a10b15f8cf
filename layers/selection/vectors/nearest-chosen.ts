import { ABSOLUTE_SLACK, distance, RELATIVE_SLACK, squaredDistanceUpTo } from './distance.ts';
import type { EmbeddingMatrix } from './embedding-matrix.ts';
import { type Sketches, sketchesOf } from './sketch.ts';

/** Making a sketch costs as much as 31 distances, of which it spares most but not all. */
const FEWEST_CHOICES_FOR_SKETCHES = 64;

/**
 * For each candidate the distance to the nearest chosen vector, kept up to date while vectors are chosen.
 *
 * The result is that of computing every distance to every chosen vector. Most are not computed: with c the new
 * vector, x a candidate and n the chosen vector nearest to x, the triangle inequality gives
 * d(c, x) >= d(c, n) - d(n, x), so where d(c, n) >= 2 d(n, x), c is not nearer to x than n is. One distance d(c, n)
 * serves all candidates around n. Of the candidates that are left, sketches rule out most.
 */
export class NearestChosen {
  /** Per candidate; Infinity until a vector is chosen. */
  readonly distances: Float32Array;
  /** Floating-point operations so far, roughly: what a caller needs to know when it is time for a pause. */
  work = 0;

  readonly #candidates: EmbeddingMatrix;
  readonly #sketches: Sketches | undefined;
  /** Per candidate: which chosen vector is the nearest. */
  readonly #nearest: Int32Array;
  readonly #chosen: Float32Array;
  #chosenCount = 0;
  /** Per chosen vector: the largest distance of a candidate that it is the nearest of; -1 where there is none. */
  #reach: Float64Array;
  #nextReach: Float64Array;
  /** Per chosen vector: its distance to the vector that is being added, or a lower bound above twice its reach. */
  readonly #toNew: Float64Array;

  /** @param capacity - How many vectors will be chosen at most. */
  constructor(candidates: EmbeddingMatrix, capacity: number) {
    this.#candidates = candidates;
    this.#sketches = capacity < FEWEST_CHOICES_FOR_SKETCHES ? undefined : sketchesOf(candidates);
    this.distances = new Float32Array(candidates.rows).fill(Number.POSITIVE_INFINITY);
    this.#nearest = new Int32Array(candidates.rows).fill(-1);
    this.#chosen = new Float32Array(capacity * candidates.dimension);
    this.#reach = new Float64Array(capacity).fill(-1);
    this.#nextReach = new Float64Array(capacity);
    this.#toNew = new Float64Array(capacity);
  }

  get chosenCount(): number {
    return this.#chosenCount;
  }

  /** Counts a row of `matrix` as chosen; `onNearer` hears of each candidate that it came nearer to. */
  choose(matrix: EmbeddingMatrix, row: number, onNearer: (position: number) => void): void {
    const start = row * matrix.dimension;
    const vector = matrix.values.subarray(start, start + matrix.dimension);
    this.#measureChosen(vector);
    this.#measureCandidates(vector, onNearer);
    this.#chosen.set(vector, this.#chosenCount * matrix.dimension);
    this.#chosenCount++;
  }

  #measureChosen(vector: Float32Array): void {
    const { dimension } = this.#candidates;
    for (let other = 0; other < this.#chosenCount; other++) {
      const reach = this.#reach[other] as number;
      if (reach < 0) continue;
      const limit = (2 * reach * RELATIVE_SLACK + ABSOLUTE_SLACK) ** 2 * RELATIVE_SLACK;
      this.#toNew[other] = Math.sqrt(
        squaredDistanceUpTo(limit, this.#chosen, other * dimension, vector, 0, dimension),
      );
      this.work += dimension;
    }
  }

  #measureCandidates(vector: Float32Array, onNearer: (position: number) => void): void {
    const { rows, dimension } = this.#candidates;
    const { distances } = this;
    const nearest = this.#nearest;
    const reach = this.#nextReach.fill(-1, 0, this.#chosenCount + 1);
    const nearerDistance = this.#measurer(vector);
    let measured = 0;
    for (let position = 0; position < rows; position++) {
      let known = distances[position] as number;
      let owner = nearest[position] as number;
      if (owner < 0 || (this.#toNew[owner] as number) < 2 * known * RELATIVE_SLACK + ABSOLUTE_SLACK) {
        measured++;
        const nearer = nearerDistance(position, known);
        if (nearer < known || owner < 0) {
          known = distances[position] = nearer;
          owner = nearest[position] = this.#chosenCount;
          onNearer(position);
        }
      }
      if (known > (reach[owner] as number)) reach[owner] = known;
    }
    this.work += rows + measured * dimension;
    this.#nextReach = this.#reach;
    this.#reach = reach;
  }

  /** A function that gives a candidate's distance to `vector` where it may be below the known one, else the known. */
  #measurer(vector: Float32Array): (position: number, known: number) => number {
    const { values, dimension } = this.#candidates;
    const sketches = this.#sketches;
    const measure = (position: number, known: number): number => {
      const start = position * dimension;
      const limit = (known * RELATIVE_SLACK + ABSOLUTE_SLACK) ** 2 * RELATIVE_SLACK;
      if (squaredDistanceUpTo(limit, values, start, vector, 0, dimension) > limit) return known;
      return distance(values, start, vector, 0, dimension);
    };
    if (sketches === undefined) return measure;
    const sketch = sketches.sketchOf(vector);
    const slack = sketches.slackOf(sketch);
    const { values: sketchValues, dimension: length } = sketches.matrix;
    return (position, known) => {
      const limit = (known * RELATIVE_SLACK + slack) ** 2;
      if (squaredDistanceUpTo(limit, sketchValues, position * length, sketch, 0, length) > limit)
        return known;
      return measure(position, known);
    };
  }
}
