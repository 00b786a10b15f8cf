import type { Progress } from '../progress.ts';
import { AXES, axisCoordinates } from './main-axes.ts';

/** Looks at an image that may be near; returns the radius from then on, which may only shrink. */
export type Look = (position: number, radius: number) => number;

/** Up to here every image is looked at. */
const MOST_IN_ONE_CELL = 3_000;
const MOST_CELLS = 1_024;
/** Cells that a search looks into: see docs/near-duplicates.md for what that finds, and what it costs. */
const CELLS_SEARCHED = 24;

/**
 * Finds images whose vectors lie near to that of another, among those that have been added. An inverted file (Sivic and
 * Zisserman 2003, "Video Google"): each image is in the cell of the pivot that it is nearest to, as seen along the main
 * axes; a search looks into the cells of the nearest pivots only. Pivots are images of the collection, so that cells are
 * about equally full however unevenly the collection is spread. In a small collection there is one cell, and the search
 * is exact.
 */
export class NearIndex {
  readonly #slack: number;
  readonly #cells: Cells;
  /** By row. */
  readonly #isAdded: Uint8Array;

  private constructor(slack: number, cells: Cells) {
    this.#slack = slack;
    this.#cells = cells;
    this.#isAdded = new Uint8Array(cells.rowOf.length);
  }

  /** @param vectors - of all images that will be added or searched for, by position */
  static async over(vectors: readonly Float32Array[], progress: Progress): Promise<NearIndex> {
    const { values, slack } = await axisCoordinates(vectors, progress);
    return new NearIndex(slack, await cellsOf(values, vectors.length, progress));
  }

  add(position: number): void {
    this.#isAdded[this.#cells.rowOf[position] as number] = 1;
  }

  /**
   * Calls `look` with added images that may lie within `radius` of the one at `position`.
   * @returns about how many floating-point operations it took
   */
  search(position: number, radius: number, look: Look): number {
    const { values, rowOf, starts, pivots } = this.#cells;
    const row = rowOf[position] as number;
    let within = radius;
    let visited = starts.length;
    for (const cell of nearestRows(values, row, pivots, CELLS_SEARCHED)) {
      const [from, to] = [starts[cell] as number, starts[cell + 1] as number];
      within = this.#searchRows(from, to, row, within, look);
      visited += to - from;
    }
    return visited * AXES;
  }

  #searchRows(from: number, to: number, row: number, radius: number, look: Look): number {
    const { values, positionOf } = this.#cells;
    let within = radius;
    let reach = (within + this.#slack) ** 2;
    for (let other = from; other < to; other++) {
      if (this.#isAdded[other] !== 1 || squaredUpTo(reach, values, row, other) > reach) continue;
      within = look(positionOf[other] as number, within);
      reach = (within + this.#slack) ** 2;
    }
    return within;
  }
}

/** Images by the pivot that they are nearest to. */
interface Cells {
  /** Coordinates, the rows of one cell side by side: to look at neighbours in memory is several times as fast. */
  readonly values: Float32Array;
  readonly rowOf: Int32Array;
  readonly positionOf: Int32Array;
  /** Rows of the images that the cells are made around. */
  readonly pivots: Int32Array;
  /** Row at which each cell begins, and the end of the last one. */
  readonly starts: Int32Array;
}

/** @param values - coordinates by position */
async function cellsOf(values: Float32Array, images: number, progress: Progress): Promise<Cells> {
  const count = images <= MOST_IN_ONE_CELL ? 1 : Math.min(MOST_CELLS, Math.ceil(2 * Math.sqrt(images)));
  const pivots = Int32Array.from({ length: count }, (_, cell) => Math.floor((cell * images) / count));
  const cellOf = new Int32Array(images);
  for (let image = 0; image < images && count > 1; image++) {
    cellOf[image] = nearestRows(values, image, pivots, 1)[0] as number;
    if (progress.spend(count * AXES)) await progress.pause();
  }
  const positionOf = Int32Array.from({ length: images }, (_, image) => image);
  positionOf.sort((a, b) => (cellOf[a] as number) - (cellOf[b] as number) || a - b);
  const rowOf = new Int32Array(images);
  const ordered = new Float32Array(values.length);
  const starts = new Int32Array(count + 1).fill(images);
  for (let row = images - 1; row >= 0; row--) {
    const position = positionOf[row] as number;
    rowOf[position] = row;
    ordered.set(values.subarray(position * AXES, (position + 1) * AXES), row * AXES);
    starts[cellOf[position] as number] = row;
  }
  // A cell that nothing is in, as where two pivots are alike, begins where the next one does.
  for (let cell = count - 1; cell >= 0; cell--) {
    starts[cell] = Math.min(starts[cell] as number, starts[cell + 1] as number);
  }
  return {
    values: ordered,
    rowOf,
    positionOf,
    pivots: pivots.map((pivot) => rowOf[pivot] as number),
    starts,
  };
}

/** Which of `others` are nearest to a row: their places in that list, nearest first; of equally near ones, the first. */
function nearestRows(values: Float32Array, row: number, others: Int32Array, most: number): number[] {
  const nearest: { at: number; squared: number }[] = [];
  let farthest = Number.POSITIVE_INFINITY;
  for (let at = 0; at < others.length; at++) {
    const squared = squaredUpTo(farthest, values, row, others[at] as number);
    if (squared >= farthest) continue;
    let rank = nearest.length;
    while (rank > 0 && (nearest[rank - 1] as { squared: number }).squared > squared) rank--;
    nearest.splice(rank, 0, { at, squared });
    if (nearest.length > most) nearest.pop();
    if (nearest.length === most) farthest = (nearest[most - 1] as { squared: number }).squared;
  }
  return nearest.map(({ at }) => at);
}

/** The squared distance of two rows, or some number above `limit` as soon as it is larger than that. */
function squaredUpTo(limit: number, values: Float32Array, a: number, b: number): number {
  let squared = 0;
  for (let axis = 0; axis < AXES && squared <= limit; axis += 4) {
    const atA = a * AXES + axis;
    const atB = b * AXES + axis;
    const difference0 = (values[atA] as number) - (values[atB] as number);
    const difference1 = (values[atA + 1] as number) - (values[atB + 1] as number);
    const difference2 = (values[atA + 2] as number) - (values[atB + 2] as number);
    const difference3 = (values[atA + 3] as number) - (values[atB + 3] as number);
    squared += difference0 * difference0 + difference1 * difference1;
    squared += difference2 * difference2 + difference3 * difference3;
  }
  return squared;
}
