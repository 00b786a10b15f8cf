import { type BlockGrid, blockGrid, paddedGroups } from './block-grid.ts';
import { addRow } from './block-sums.ts';
import { addFilteredRow, addUnfilteredRow, type EdgeTotals, type GreyRow } from './edge-response.ts';
import { greyAndLightness } from './grey-and-lightness.ts';
import type { RgbPixels } from './rgb-pixels.ts';
import { rowUniformity } from './row-uniformity.ts';

/** What one pass over all pixels finds out. Sums are of levels 0 to 255. */
export interface PixelScan {
  /** Of red, green and blue. */
  readonly sums: Float64Array;
  readonly sumsOfSquares: Float64Array;
  readonly edges: EdgeTotals;
  /** Share of rows without structure. */
  readonly uniformRowRatio: number;
  /** Sum of all pixels' CIE L*, 0 to 100 each. */
  readonly lightnessSum: number;
  /** Means of blocks; the image itself where it is small. Not yet upright. */
  readonly reduced: RgbPixels;
}

/**
 * Passes once over the pixels, row by row while the row is in the first cache, with no more memory than a few rows.
 * @param minimumSide the longer side of `reduced` is at least this, or the image's own
 */
export function scanPixels(image: RgbPixels, minimumSide: number): PixelScan {
  const { pixels, width, height } = image;
  const grid = blockGrid(width, height, minimumSide);
  const row = paddedRow(width);
  const greyRows = [greyRow(width), greyRow(width), greyRow(width)];
  const greyOf = (y: number): GreyRow => greyRows[y % 3] as GreyRow;
  const edges: EdgeTotals = { sum: 0, sumOfSquares: 0 };
  const blocks = blockRows(grid, width);
  const rowSums = { blocks: blocks.sums, squares: new Float64Array(3) };
  const uniformity = rowUniformity(width, height);
  const isFiltered = width >= 3 && height >= 3;
  let lightnessSum = 0;
  for (let y = 0; y < height; y++) {
    row.bytes.set(pixels.subarray(y * width * 3, (y + 1) * width * 3));
    addRow(row.words, grid.columnBounds, rowSums);
    blocks.endRow(y);
    lightnessSum += greyAndLightness(row.words, greyOf(y).words);
    uniformity.addRow(y, greyOf(Math.max(0, y - 1)), greyOf(y));
    if (isFiltered && y >= 2) addFilteredRow(greyOf(y - 2), greyOf(y - 1), greyOf(y), width, edges);
    if (!isFiltered || y === 0 || y === height - 1) addUnfilteredRow(greyOf(y), width, edges);
  }
  const reduced = grid.reduces ? blocks.means : image;
  const uniformRowRatio = uniformity.ratio();
  const { totals: sums } = blocks;
  return { sums, sumsOfSquares: rowSums.squares, edges, lightnessSum, uniformRowRatio, reduced };
}

/** A copy of the row is aligned for reading by words, which a row inside the image need not be. */
function paddedRow(width: number): { bytes: Uint8Array; words: Uint32Array } {
  const words = new Uint32Array(paddedGroups(width) * 3);
  return { words, bytes: new Uint8Array(words.buffer) };
}

function greyRow(width: number): GreyRow {
  const words = new Uint32Array(paddedGroups(width));
  return { words, bytes: new Uint8Array(words.buffer) };
}

interface BlockRows {
  /** Sums of the blocks of the current row of blocks. */
  readonly sums: Float64Array;
  /** Sums of red, green and blue of all rows of blocks that ended. */
  readonly totals: Float64Array;
  readonly means: RgbPixels;
  /** To call after each row of pixels. */
  endRow(y: number): void;
}

function blockRows({ columnBounds, rowBounds, reduces }: BlockGrid, imageWidth: number): BlockRows {
  const width = columnBounds.length - 1;
  const height = rowBounds.length - 1;
  const sums = new Float64Array(width * 3);
  const totals = new Float64Array(3);
  const means = { pixels: new Uint8Array(reduces ? width * height * 3 : 0), width, height };
  let blockRow = 0;
  const endRow = (y: number): void => {
    const end = rowBounds[blockRow + 1] as number;
    if (y + 1 < end) return;
    const rowCount = end - (rowBounds[blockRow] as number);
    for (let index = 0; index < sums.length; index++) {
      const column = Math.floor(index / 3);
      const first = (columnBounds[column] as number) * 4;
      const last = Math.min((columnBounds[column + 1] as number) * 4, imageWidth);
      const sum = sums[index] as number;
      totals[index % 3] = (totals[index % 3] as number) + sum;
      if (reduces) means.pixels[blockRow * width * 3 + index] = Math.round(sum / ((last - first) * rowCount));
    }
    sums.fill(0);
    blockRow++;
  };
  return { sums, totals, means, endRow };
}
