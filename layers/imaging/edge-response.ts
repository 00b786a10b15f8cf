/** Sum and sum of squares of the edge response of the rows so far. */
export interface EdgeTotals {
  sum: number;
  sumOfSquares: number;
}

/** One row of grey levels, seen as bytes and as 32-bit words of four pixels; black after the last pixel. */
export interface GreyRow {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
}

/** Responses lie in -2,040..2,040 inside the picture and go a little further in the padding beside it. */
const OFFSET = 4096;
const clipTable = Uint8ClampedArray.from({ length: 2 * OFFSET }, (_, index) => index - OFFSET);
const clip = (response: number): number => clipTable[response + OFFSET] as number;

/** Adds a row to which the filter does not apply: Pillow leaves the outermost rows as they are. */
export function addUnfilteredRow(row: GreyRow, width: number, totals: EdgeTotals): void {
  for (let x = 0; x < width; x++) addLevel(row.bytes[x] as number, totals, 1);
}

/**
 * Adds the response of `row` to a 3×3 filter (centre 8, others -1), clipped to 0..255. The first and last pixel
 * stay as they are, as in Pillow's `ImageFilter`.
 */
export function addFilteredRow(
  above: GreyRow,
  row: GreyRow,
  below: GreyRow,
  width: number,
  totals: EdgeTotals,
): void {
  addPaddedResponses(above.words, row.words, below.words, totals);
  const columnSum = (x: number): number =>
    (above.bytes[x] as number) + (row.bytes[x] as number) + (below.bytes[x] as number);
  // The loop over words took the pixels beside the picture for black; put the two border pixels right.
  for (const [border, neighbour] of [
    [0, 1],
    [width - 1, width - 2],
  ] as const) {
    const level = row.bytes[border] as number;
    addLevel(clip(9 * level - columnSum(border) - columnSum(neighbour)), totals, -1);
    addLevel(level, totals, 1);
  }
}

function addLevel(level: number, totals: EdgeTotals, sign: 1 | -1): void {
  totals.sum += sign * level;
  totals.sumOfSquares += sign * level * level;
}

const LANES = 0x00ff00ff;
/** 4 × 255² per word: this many words stay below 2³¹. */
const WORDS_PER_FLUSH = 8192;

/**
 * The response as 9 × centre minus three column sums, with the four column sums of a word made by lane-wise
 * addition. The response of a pixel needs the next column, so each word finishes the last pixel of the one before.
 */
function addPaddedResponses(
  above: Uint32Array,
  row: Uint32Array,
  below: Uint32Array,
  totals: EdgeTotals,
): void {
  let beforeLast = 0;
  let last = 0;
  let lastCentre = 0;
  for (let start = 0; start < row.length; start += WORDS_PER_FLUSH) {
    const end = Math.min(row.length, start + WORDS_PER_FLUSH);
    let sum = 0;
    let sumOfSquares = 0;
    for (let word = start; word < end; word++) {
      const upper = above[word] as number;
      const middle = row[word] as number;
      const lower = below[word] as number;
      const even = ((upper & LANES) + (middle & LANES) + (lower & LANES)) | 0;
      const odd = (((upper >>> 8) & LANES) + ((middle >>> 8) & LANES) + ((lower >>> 8) & LANES)) | 0;
      const column0 = even & 0xffff;
      const column1 = odd & 0xffff;
      const column2 = even >>> 16;
      const column3 = odd >>> 16;
      const a = clip((9 * lastCentre - beforeLast - last - column0) | 0);
      const b = clip((9 * (middle & 255) - last - column0 - column1) | 0);
      const c = clip((9 * ((middle >>> 8) & 255) - column0 - column1 - column2) | 0);
      const d = clip((9 * ((middle >>> 16) & 255) - column1 - column2 - column3) | 0);
      sum = (sum + a + b + c + d) | 0;
      sumOfSquares = (sumOfSquares + a * a + b * b + c * c + d * d) | 0;
      beforeLast = column2;
      last = column3;
      lastCentre = middle >>> 24;
    }
    totals.sum += sum;
    totals.sumOfSquares += sumOfSquares;
  }
}
