import type { GreyRow } from './edge-response.ts';

const { abs, floor, max, min, trunc } = Math;

const MAX_HEIGHT = 400;
/** Responses below this many grey levels count as no structure. */
const UNIFORM_BELOW = 5;
const UNIFORM_SHARE_OF_ROW = 0.97;

/** Takes the grey rows of an image one after the other. */
export interface RowUniformity {
  /** @param before the row above `row`; for the first row, itself */
  addRow(y: number, before: GreyRow, row: GreyRow): void;
  /** To call after the last row. */
  ratio(): number;
}

/**
 * Share of rows without structure, 0 to 1: the grey image, scaled to at most 400 rows (bilinear, no antialiasing),
 * meets a 3×3 Laplacian without border (centre 8, others -1); a pixel is uniform where the response is below
 * 5 grey levels, a row where more than 97 % of its pixels are. 0 where a side is below 3 pixels.
 * Source: the `uniformRowRatio` of the Lightly protocol.
 */
export function rowUniformity(width: number, height: number): RowUniformity {
  if (width < 3 || height < 3) return { addRow: () => {}, ratio: () => 0 };
  const shrink = MAX_HEIGHT / height;
  const rowCount = shrink < 1 ? trunc(height * shrink) : height;
  const columnCount = shrink < 1 ? max(3, trunc(width * shrink)) : width;
  const columns = samplePositions(width, columnCount);
  const rows = samplePositions(height, rowCount);
  const window = [0, 1, 2].map(() => new Float32Array(columnCount)) as Window;
  let [sampled, uniformRows] = [0, 0];
  const addRow = (y: number, before: GreyRow, row: GreyRow): void => {
    for (; sampled < rowCount && rows.after[sampled] === y; sampled++) {
      const upper = rows.before[sampled] === y ? row : before;
      const sample = window[sampled % 3] as Float32Array;
      sampleRow(upper.bytes, row.bytes, rows.weight[sampled] as number, columns, sample);
      if (sampled >= 2 && isUniform(window, (sampled - 1) % 3)) uniformRows++;
    }
  };
  return { addRow, ratio: () => uniformRows / (rowCount - 2) };
}

type Window = [Float32Array, Float32Array, Float32Array];

/** For each output position the two input positions that it lies between, and the weight of the second. */
interface Positions {
  readonly before: Int32Array;
  readonly after: Int32Array;
  readonly weight: Float64Array;
}

/** Centres of pixels match centres of pixels (`align_corners` is false). */
function samplePositions(inputs: number, outputs: number): Positions {
  const centres = Float64Array.from({ length: outputs }, (_, output) =>
    max(0, ((output + 0.5) * inputs) / outputs - 0.5),
  );
  const before = Int32Array.from(centres, floor);
  return {
    before,
    after: before.map((position) => min(position + 1, inputs - 1)),
    weight: centres.map((centre, output) => centre - (before[output] ?? 0)),
  };
}

function sampleRow(
  upper: Uint8Array,
  lower: Uint8Array,
  down: number,
  columns: Positions,
  to: Float32Array,
): void {
  for (let x = 0; x < to.length; x++) {
    const left = columns.before[x] as number;
    const right = columns.after[x] as number;
    const across = columns.weight[x] as number;
    const upperLeft = upper[left] as number;
    const lowerLeft = lower[left] as number;
    const above = upperLeft + ((upper[right] as number) - upperLeft) * across;
    const below = lowerLeft + ((lower[right] as number) - lowerLeft) * across;
    to[x] = above + (below - above) * down;
  }
}

function isUniform(window: Window, middle: number): boolean {
  const [first, second, third] = window;
  const centre = window[middle] as Float32Array;
  const columnSum = (x: number): number =>
    (first[x] as number) + (second[x] as number) + (third[x] as number);
  let uniformPixels = 0;
  let left = columnSum(0);
  let here = columnSum(1);
  for (let x = 1; x < centre.length - 1; x++) {
    const right = columnSum(x + 1);
    if (abs(9 * (centre[x] as number) - left - here - right) < UNIFORM_BELOW) uniformPixels++;
    left = here;
    here = right;
  }
  return uniformPixels / (centre.length - 2) > UNIFORM_SHARE_OF_ROW;
}
