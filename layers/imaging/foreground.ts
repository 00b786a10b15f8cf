const { floor, max, min, sqrt } = Math;

/** The background is what the border shows: a strip of this share of the side along each edge. */
const BORDER_SHARE = 1 / 16;
/** Shadows and uneven light change lightness more than hue. */
const LIGHTNESS_SHARE = 0.5;
/** A difference of 2 in Lab is one that is just seen: nothing nearer to the background stands out from it. */
const JUST_SEEN = 2;

/**
 * How much each point stands out from the background, 0 to 1. The background has the mean colour of the border, and a
 * point that differs from it as much as the mean of all points counts half.
 * Source of the idea: the boundary prior of Wei et al., Geodesic Saliency Using Background Priors, 2012.
 *
 * @param lab L*, a*, b* of `side` × `side` points
 */
export function foregroundOf(lab: Float32Array, side: number): Float64Array {
  const background = meanOfBorder(lab, side);
  const squares = Float64Array.from({ length: side * side }, (_, point) =>
    background.reduce((sum, mean, channel) => {
      const difference = (lab[point * 3 + channel] as number) - mean;
      return sum + difference * difference * (channel === 0 ? LIGHTNESS_SHARE : 1);
    }, 0),
  );
  const mean = squares.reduce((sum, square) => sum + sqrt(square), 0) / squares.length;
  return squares.map((square) => square / (square + mean * mean + JUST_SEEN * JUST_SEEN));
}

/** Each side's strip counts alike, so its corners count twice. */
function meanOfBorder(lab: Float32Array, side: number): Float64Array {
  const strip = max(1, floor(side * BORDER_SHARE));
  const sums = new Float64Array(3);
  const add = (x: number, y: number): void => {
    for (let channel = 0; channel < 3; channel++) {
      sums[channel] = (sums[channel] as number) + (lab[(y * side + x) * 3 + channel] as number);
    }
  };
  for (let along = 0; along < side; along++) {
    for (let deep = 0; deep < strip; deep++) {
      add(along, deep);
      add(along, side - 1 - deep);
      add(deep, along);
      add(side - 1 - deep, along);
    }
  }
  return sums.map((sum) => sum / (4 * strip * side));
}

/**
 * The window reaches two standard deviations to each side. A filled rectangle reaches √3 of its own, so this shows its
 * outline and a margin of 15 % around it.
 */
const DEVIATIONS = 2;

/**
 * The part of the picture where the foreground is, stretched to `size` × `size` points: the same thing looks alike in
 * the middle and beside it, near and far. Beyond the picture, its border repeats.
 */
export function alignedToForeground(
  lab: Float32Array,
  foreground: Float64Array,
  side: number,
  size: number,
): Float32Array {
  const { middle, reach } = windowOf(foreground, side);
  const columns = samplePositions(middle[0], reach[0], side, size);
  const rows = samplePositions(middle[1], reach[1], side, size);
  const aligned = new Float32Array(size * size * 3);
  let to = 0;
  for (const row of rows) {
    for (const column of columns) {
      const at = (row.before * side + column.before) * 3;
      for (let channel = at; channel < at + 3; channel++) {
        const upper = mixed(lab, channel, channel + 3, column.share);
        const lower = mixed(lab, channel + side * 3, channel + side * 3 + 3, column.share);
        aligned[to++] = upper * (1 - row.share) + lower * row.share;
      }
    }
  }
  return aligned;
}

const mixed = (lab: Float32Array, first: number, second: number, share: number): number =>
  (lab[first] as number) * (1 - share) + (lab[second] as number) * share;

type Pair = readonly [number, number];

/** Middle and half the size, across and down, from the moments of the squared foreground. */
function windowOf(foreground: Float64Array, side: number): { middle: Pair; reach: Pair } {
  const weights = foreground.map((share) => share * share);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  // Nothing stands out: all of the picture.
  if (total === 0) return { middle: [(side - 1) / 2, (side - 1) / 2], reach: [side / 2, side / 2] };
  const moment = (of: (point: number) => number): number =>
    weights.reduce((sum, weight, point) => sum + weight * of(point), 0) / total;
  const x = moment((point) => point % side);
  const y = moment((point) => floor(point / side));
  const spreadX = moment((point) => (point % side) ** 2) - x * x;
  const spreadY = moment((point) => floor(point / side) ** 2) - y * y;
  // At least a point, where a single one stands out.
  return { middle: [x, y], reach: [DEVIATIONS * sqrt(max(1, spreadX)), DEVIATIONS * sqrt(max(1, spreadY))] };
}

interface SamplePosition {
  readonly before: number;
  /** Of the point after it. */
  readonly share: number;
}

function samplePositions(middle: number, reach: number, side: number, size: number): SamplePosition[] {
  return Array.from({ length: size }, (_, index) => {
    const position = middle + (((index + 0.5) / size) * 2 - 1) * reach;
    const inside = min(side - 1, max(0, position));
    const before = min(side - 2, floor(inside));
    return { before, share: inside - before };
  });
}
