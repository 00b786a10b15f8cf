import type { Point } from './analysed-image.ts';

const MOST_EXAMPLES = 12;

/**
 * Indexes of points that are as far from each other as can be, so that pictures beside them have room: the first point,
 * then always the one that is farthest from those before it.
 */
export function exampleSpots(points: readonly Point[]): number[] {
  const gaps = points.map(() => Number.POSITIVE_INFINITY);
  const spots: number[] = [];
  let next = points.length > 0 ? 0 : -1;
  while (next >= 0 && spots.length < MOST_EXAMPLES) {
    spots.push(next);
    const [x, y] = points[next] ?? [0, 0];
    points.forEach((point, at) => {
      gaps[at] = Math.min(gaps[at] ?? 0, Math.hypot(point[0] - x, point[1] - y));
    });
    const widest = gaps.reduce((best, gap) => Math.max(best, gap), 0);
    next = widest > 0 ? gaps.indexOf(widest) : -1;
  }
  return spots;
}
