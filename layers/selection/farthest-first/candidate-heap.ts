/** Positions by falling score, of equal ones the smallest first: a binary heap whose scores only fall. */
export class CandidateHeap {
  readonly #positions: Int32Array;
  readonly #scores: Float64Array;
  #size: number;

  /** @param scores - Per position; the heap keeps and changes them. */
  constructor(positions: Int32Array, scores: Float64Array) {
    this.#positions = positions;
    this.#scores = scores;
    this.#size = positions.length;
    for (let at = (this.#size >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  /** The best position, or -1. */
  get best(): number {
    return this.#size === 0 ? -1 : (this.#positions[0] as number);
  }

  /** Whether the best one would still be with this score. */
  wouldStay(score: number): boolean {
    const best = this.#positions[0] as number;
    for (let at = 1; at <= 2 && at < this.#size; at++) {
      const other = this.#positions[at] as number;
      const otherScore = this.#scores[other] as number;
      if (otherScore > score || (otherScore === score && other < best)) return false;
    }
    return true;
  }

  /** Gives the best one a score that is not larger than before. */
  lowerBest(score: number): void {
    this.#scores[this.best] = score;
    this.#sink(0);
  }

  removeBest(): void {
    this.#size--;
    this.#positions[0] = this.#positions[this.#size] as number;
    this.#sink(0);
  }

  #sink(start: number): void {
    const position = this.#positions[start] as number;
    let at = start;
    for (let child = 2 * at + 1; child < this.#size; child = 2 * at + 1) {
      const left = this.#positions[child] as number;
      const right = this.#positions[child + 1] as number;
      const isRight = child + 1 < this.#size && this.#isBefore(right, left);
      const better = isRight ? right : left;
      if (!this.#isBefore(better, position)) break;
      this.#positions[at] = better;
      at = isRight ? child + 1 : child;
    }
    this.#positions[at] = position;
  }

  #isBefore(a: number, b: number): boolean {
    const ofA = this.#scores[a] as number;
    const ofB = this.#scores[b] as number;
    return ofA > ofB || (ofA === ofB && a < b);
  }
}
