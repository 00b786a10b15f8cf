const { abs, floor, max, min, sign, sqrt } = Math;

/** Number of cells along each side of the layout. */
const LAYOUT_CELLS = 4;
/** Bins of L*, a* and b* each. */
const COLOUR_BINS = 4;
/** a* and b* beyond this share the outermost bin. */
const CHROMA_LIMIT = 100;

/**
 * Where which colour lies: mean L*, a*, b* of 4×4 cells. L* is relative to the mean of all, so that exposure
 * changes little.
 * @param lab L*, a*, b* of `side` × `side` points
 * @returns 48 values
 */
export function colourLayout(lab: Float32Array, side: number): Float64Array {
  const cells = new Float64Array(LAYOUT_CELLS ** 2 * 3);
  const pointsPerCell = (side / LAYOUT_CELLS) ** 2;
  for (let y = 0; y < side; y++) {
    const cellRow = floor((y * LAYOUT_CELLS) / side);
    for (let x = 0; x < side; x++) {
      const cell = (cellRow * LAYOUT_CELLS + floor((x * LAYOUT_CELLS) / side)) * 3;
      const point = (y * side + x) * 3;
      for (let channel = 0; channel < 3; channel++) {
        cells[cell + channel] = (cells[cell + channel] ?? 0) + (lab[point + channel] ?? 0) / pointsPerCell;
      }
    }
  }
  const lightness = cells.filter((_, index) => index % 3 === 0);
  const meanLightness = lightness.reduce((sum, value) => sum + value, 0) / lightness.length;
  return cells.map((value, index) => (index % 3 === 0 ? value - meanLightness : value));
}

/**
 * Which colours there are: a histogram over L*, a* and b* in which each point spreads over its neighbouring bins.
 * The square root of the shares lets small areas of a colour count.
 * @returns 64 values
 */
export function colourHistogram(lab: Float32Array): Float64Array {
  const bins = new Float64Array(COLOUR_BINS ** 3);
  const last = COLOUR_BINS - 1;
  for (let point = 0; point < lab.length; point += 3) {
    const lightness = clamp(((lab[point] ?? 0) / 100) * last, last);
    const a = clamp(((chroma(lab[point + 1] ?? 0) + 1) / 2) * last, last);
    const b = clamp(((chroma(lab[point + 2] ?? 0) + 1) / 2) * last, last);
    spread(bins, lightness, a, b);
  }
  return bins.map(sqrt);
}

const clamp = (value: number, limit: number): number => min(limit, max(0, value));

/** Most colours of photographs are near grey: the root gives them more room. */
const chroma = (value: number): number => sign(value) * sqrt(abs(value) / CHROMA_LIMIT);

/** Shares one point among the eight bins around it, by nearness. */
function spread(bins: Float64Array, lightness: number, a: number, b: number): void {
  for (let corner = 0; corner < 8; corner++) {
    const lightnessBin = lowerBin(lightness) + (corner & 1);
    const aBin = lowerBin(a) + ((corner >> 1) & 1);
    const bBin = lowerBin(b) + (corner >> 2);
    const share = nearness(lightness, lightnessBin) * nearness(a, aBin) * nearness(b, bBin);
    const bin = (lightnessBin * COLOUR_BINS + aBin) * COLOUR_BINS + bBin;
    bins[bin] = (bins[bin] ?? 0) + share;
  }
}

const lowerBin = (position: number): number => min(COLOUR_BINS - 2, floor(position));
const nearness = (position: number, bin: number): number => 1 - abs(position - bin);
