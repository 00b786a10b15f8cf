import type { Point } from './principal-plane.ts';

/** Neighbours that say where a vector belongs. */
const NEIGHBOURS = 3;

/** Vectors of which it is known where they are in the plane. */
export interface Landmarks {
  readonly vectors: readonly Float32Array[];
  readonly points: readonly Point[];
}

/**
 * Where a vector belongs: the mean of the points of the three landmarks that are nearest to it, the nearer the
 * heavier. A landmark itself is where it is.
 */
export function placeByNeighbours(vector: Float32Array, { vectors, points }: Landmarks): Point {
  const nearest: { readonly distance: number; readonly point: Point }[] = [];
  vectors.forEach((landmark, at) => {
    const distance = squaredDistance(vector, landmark);
    if (nearest.length === NEIGHBOURS && distance >= (nearest.at(-1)?.distance ?? 0)) return;
    nearest.push({ distance, point: points[at] as Point });
    nearest.sort((a, b) => a.distance - b.distance);
    if (nearest.length > NEIGHBOURS) nearest.pop();
  });
  const [first] = nearest;
  if (!first || first.distance === 0) return first?.point ?? [0, 0];
  let [x, y, sum] = [0, 0, 0];
  for (const { distance, point } of nearest) {
    const weight = 1 / distance;
    x += weight * point[0];
    y += weight * point[1];
    sum += weight;
  }
  return [x / sum, y / sum];
}

export function squaredDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let axis = 0; axis < a.length; axis++) {
    const difference = (a[axis] as number) - (b[axis] as number);
    sum += difference * difference;
  }
  return sum;
}
