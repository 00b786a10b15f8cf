import { areaAverage } from './area-average.ts';
import type { RgbPixels } from './rgb-pixels.ts';

const SIDE = 32;
const FREQUENCIES = 8;
/** Coefficients this close to zero are rounding: a uniform image has no bits. */
const NEGLIGIBLE = 1e-3;

/** `basis[k][n]` is cos((2n + 1)(k + 1)π / 2·SIDE): the DCT-II frequencies 1 to 8, without the mean. */
const basis = Array.from({ length: FREQUENCIES }, (_, k) =>
  Float64Array.from({ length: SIDE }, (_, n) => Math.cos(((2 * n + 1) * (k + 1) * Math.PI) / (2 * SIDE))),
);

/**
 * The classical DCT hash: the grey image at 32×32, its 8×8 lowest frequencies without the constant ones, one bit
 * each for lying above their median. Re-encoding, scaling and brightening change few of the 64 bits.
 * @returns 16 hex characters
 */
export function perceptualHash(preview: RgbPixels): string {
  const coefficients = lowFrequencies(greyGrid(preview));
  const sorted = coefficients.toSorted();
  const median = ((sorted[31] ?? 0) + (sorted[32] ?? 0)) / 2;
  const bits = Array.from(coefficients, (value) => (value > median + NEGLIGIBLE ? '1' : '0')).join('');
  return BigInt(`0b${bits}`).toString(16).padStart(16, '0');
}

function greyGrid(preview: RgbPixels): Float64Array {
  const means = areaAverage(preview, SIDE, SIDE);
  return Float64Array.from({ length: SIDE * SIDE }, (_, cell) => {
    const at = cell * 3;
    return 0.299 * (means[at] ?? 0) + 0.587 * (means[at + 1] ?? 0) + 0.114 * (means[at + 2] ?? 0);
  });
}

function lowFrequencies(grey: Float64Array): Float64Array {
  const alongRows = basis.map((wave) =>
    Float64Array.from({ length: SIDE }, (_, y) => dot(wave, grey.subarray(y * SIDE, (y + 1) * SIDE))),
  );
  return Float64Array.from(basis.flatMap((wave) => alongRows.map((row) => dot(wave, row))));
}

function dot(left: Float64Array, right: Float64Array): number {
  let total = 0;
  for (let index = 0; index < left.length; index++) total += (left[index] ?? 0) * (right[index] ?? 0);
  return total;
}
