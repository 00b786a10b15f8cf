import type { Progress } from '../progress.ts';
import { ABSOLUTE_SLACK, distance, RELATIVE_SLACK, squaredDistanceUpTo } from '../vectors/distance.ts';
import { CandidateHeap } from './candidate-heap.ts';
import { NearCentres } from './near-centres.ts';

/** A selection by distance alone, or by distance and scores that no choice changes. */
export interface FarthestFirstInput {
  /** Vectors to choose from, all finite and of one length. */
  readonly vectors: readonly Float32Array[];
  /** Vectors that count as chosen. */
  readonly preselected: readonly Float32Array[];
  readonly target: number;
  /** 1 per position that may be chosen. */
  readonly open: Uint8Array;
  /** The position to begin with where nothing is preselected; -1 where none may be chosen. */
  readonly first: number;
  /** The score of a position at a distance from what is chosen: the larger the distance, the larger or equal. */
  readonly scoreOf: (position: number, distance: number) => number;
  /** No position is chosen whose distance is smaller. */
  readonly minimumDistance: number;
  readonly progress: Progress;
}

export interface FarthestChoice {
  readonly position: number;
  /** To the nearest vector chosen before; absent where there was none. */
  readonly distance?: number;
}

/** Operations that a code costs, to a value of a vector: reflections, rounding. */
const WORK_TO_ENCODE = 32;
/** Operations that ruling out a centre by its head costs. */
const WORK_TO_SCAN = 4;
/** Operations that go by, whatever a look at a candidate shows: mostly waiting for memory. */
const WORK_TO_VISIT = 1_000;

/** What is known of the candidates of one farthest-first traversal, and the search for the next choice. */
export class FarthestSearch {
  readonly #input: FarthestFirstInput;
  readonly #dimension: number;
  readonly #near: NearCentres;
  /** Per centre. */
  readonly #centres: Float32Array[] = [];
  /** Per position: to the nearest of the centres that it has seen. */
  readonly #distances: Float32Array;
  /** Per position: how many centres it has seen, from the first on. */
  readonly #seen: Int32Array;
  #heap = new CandidateHeap(new Int32Array(0), new Float64Array(0));
  #work = 0;

  constructor(input: FarthestFirstInput) {
    const { vectors, preselected, target } = input;
    this.#input = input;
    this.#dimension = vectors[0]?.length ?? 0;
    this.#near = new NearCentres(
      vectors,
      this.#dimension,
      preselected.length + Math.min(target, vectors.length),
    );
    this.#distances = new Float32Array(vectors.length).fill(Number.POSITIVE_INFINITY);
    this.#seen = new Int32Array(vectors.length);
  }

  /** Writes the codes of all vectors and takes in the preselected ones. */
  async prepare(): Promise<void> {
    const { vectors, preselected, progress } = this.#input;
    for (let row = 0; row < vectors.length; row++) {
      this.#near.encode(row);
      if (progress.spend(this.#dimension * WORK_TO_ENCODE)) await progress.pause();
    }
    for (const vector of preselected) {
      this.#near.addVector(vector);
      this.#centres.push(vector);
      if (progress.step(this.#dimension * WORK_TO_ENCODE)) await progress.pause();
    }
  }

  /** Counts a vector as chosen. */
  choose(position: number): void {
    this.#near.addRow(position);
    this.#centres.push(this.#input.vectors[position] as Float32Array);
  }

  /** Measures every open vector, but for the one chosen first, against the first centre. */
  async begin(chosen: number): Promise<void> {
    const { vectors, open, scoreOf, progress } = this.#input;
    const scores = new Float64Array(vectors.length);
    const positions = new Int32Array(vectors.length);
    let count = 0;
    for (let position = 0; position < vectors.length; position++) {
      if (position === chosen || open[position] === 0) continue;
      positions[count++] = position;
      this.#measure(position, 0);
      this.#seen[position] = 1;
      scores[position] = scoreOf(position, this.#distances[position] as number);
      if (progress.spend(this.#dimension)) await progress.pause();
    }
    this.#heap = new CandidateHeap(positions.subarray(0, count), scores);
  }

  /** Takes the best candidate out; undefined where none is far enough away from what is chosen. */
  async takeBest(): Promise<FarthestChoice | undefined> {
    const { progress } = this.#input;
    for (let position = this.#heap.best; position >= 0; position = this.#heap.best) {
      if (!this.#isFarEnough(position)) this.#heap.removeBest();
      else if (this.#staysBest(position)) {
        this.#heap.removeBest();
        return { position, distance: this.#distances[position] as number };
      } else if (progress.spend(this.#takeWork())) await progress.pause();
    }
    return undefined;
  }

  /** Floating-point operations since the last call, roughly. */
  #takeWork(): number {
    const work = this.#work + this.#near.takeWork();
    this.#work = 0;
    return work;
  }

  #isFarEnough(position: number): boolean {
    return (this.#distances[position] as number) >= this.#input.minimumDistance;
  }

  /** Compares the best candidate with the centres that it has not seen, until another one is better. */
  #staysBest(position: number): boolean {
    const from = this.#seen[position] as number;
    let next = from;
    let isBest = true;
    while (isBest) {
      const centre = this.#near.next(position, next, this.#distances[position] as number);
      next = centre < 0 ? this.#near.count : centre + 1;
      if (centre < 0) break;
      if (!this.#measure(position, centre)) continue;
      const score = this.#input.scoreOf(position, this.#distances[position] as number);
      if (!this.#isFarEnough(position) || !this.#heap.wouldStay(score)) {
        this.#heap.lowerBest(score);
        isBest = false;
      }
    }
    this.#seen[position] = next;
    this.#work += WORK_TO_VISIT + (next - from) * WORK_TO_SCAN;
    return isBest;
  }

  /** Whether a centre is nearer to a candidate than those before. */
  #measure(position: number, centre: number): boolean {
    const vector = this.#input.vectors[position] as Float32Array;
    const other = this.#centres[centre] as Float32Array;
    const known = this.#distances[position] as number;
    const limit = (known * RELATIVE_SLACK + ABSOLUTE_SLACK) ** 2 * RELATIVE_SLACK;
    this.#work += this.#dimension;
    if (squaredDistanceUpTo(limit, vector, 0, other, 0, this.#dimension) > limit) return false;
    const measured = distance(vector, 0, other, 0, this.#dimension);
    if (measured >= known) return false;
    this.#distances[position] = measured;
    return true;
  }
}
