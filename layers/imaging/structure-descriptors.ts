const { abs, atan2, floor, log1p, sqrt, PI } = Math;

const EDGE_CELLS = 4;
const DIRECTIONS = 8;
/** Distances, in points, at which texture is measured. */
const SCALES = [1, 2, 4, 8] as const;

/**
 * Which way the edges run, and where: for each of 4×4 cells a histogram of 8 directions, weighted by the strength
 * of the edge in the strongest of L*, a* and b*. Points spread over neighbouring cells and directions.
 * Source of the idea: Dalal and Triggs, Histograms of Oriented Gradients, 2005.
 * @param lab L*, a*, b* of `side` × `side` points
 * @returns 128 values
 */
export function orientedEdges(lab: Float32Array, side: number): Float64Array {
  const cells = new Float64Array(EDGE_CELLS ** 2 * DIRECTIONS);
  for (let y = 1; y < side - 1; y++) {
    const cellY = ((y + 0.5) * EDGE_CELLS) / side - 0.5;
    for (let x = 1; x < side - 1; x++) {
      const { strength, direction } = strongestGradient(lab, side, x, y);
      if (strength === 0) continue;
      const cellX = ((x + 0.5) * EDGE_CELLS) / side - 0.5;
      for (let corner = 0; corner < 4; corner++) {
        const column = floor(cellX) + (corner & 1);
        const row = floor(cellY) + (corner >> 1);
        if (column < 0 || row < 0 || column >= EDGE_CELLS || row >= EDGE_CELLS) continue;
        const share = strength * (1 - abs(cellX - column)) * (1 - abs(cellY - row));
        addDirection(cells, (row * EDGE_CELLS + column) * DIRECTIONS, direction, share);
      }
    }
  }
  return cells;
}

/** The direction in bins, 0 up to `DIRECTIONS`: opposite gradients are the same direction. */
function strongestGradient(
  lab: Float32Array,
  side: number,
  x: number,
  y: number,
): { strength: number; direction: number } {
  let strength = 0;
  let across = 0;
  let down = 0;
  for (let channel = 0; channel < 3; channel++) {
    const at = (y * side + x) * 3 + channel;
    const dx = (lab[at + 3] ?? 0) - (lab[at - 3] ?? 0);
    const dy = (lab[at + side * 3] ?? 0) - (lab[at - side * 3] ?? 0);
    const length = sqrt(dx * dx + dy * dy);
    if (length <= strength) continue;
    strength = length;
    across = dx;
    down = dy;
  }
  const angle = atan2(down, across);
  return { strength, direction: ((angle < 0 ? angle + PI : angle) / PI) * DIRECTIONS };
}

function addDirection(cells: Float64Array, start: number, direction: number, share: number): void {
  const lower = floor(direction);
  const upperShare = direction - lower;
  const lowerAt = start + (lower % DIRECTIONS);
  const upperAt = start + ((lower + 1) % DIRECTIONS);
  cells[lowerAt] = (cells[lowerAt] ?? 0) + share * (1 - upperShare);
  cells[upperAt] = (cells[upperAt] ?? 0) + share * upperShare;
}

/**
 * How fine and how directed the texture is: the logarithm of the mean second difference of L* at four distances in
 * four directions (across, down, and both diagonals).
 * @returns 16 values
 */
export function textureContrast(lab: Float32Array, side: number): Float64Array {
  return Float64Array.from(
    SCALES.flatMap((distance) => {
      const steps = [1, side, side + 1, side - 1].map((step) => step * distance * 3);
      return steps.map((step) => log1p(meanSecondDifference(lab, side, distance, step)));
    }),
  );
}

function meanSecondDifference(lab: Float32Array, side: number, margin: number, step: number): number {
  let sum = 0;
  for (let y = margin; y < side - margin; y++) {
    for (let x = margin; x < side - margin; x++) {
      const at = (y * side + x) * 3;
      sum += abs(2 * (lab[at] as number) - (lab[at - step] as number) - (lab[at + step] as number));
    }
  }
  return sum / (side - 2 * margin) ** 2;
}
