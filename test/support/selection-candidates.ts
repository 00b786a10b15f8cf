import type { SelectionCandidate } from '#selection/select';

/** Candidates named after their position, with the given vectors and, where there is one, metadata. */
export function candidatesOf(
  vectors: readonly (readonly number[])[],
  metadata: readonly Record<string, unknown>[] = [],
): SelectionCandidate[] {
  return vectors.map((vector, index) => ({
    fileName: `photo-${String(index).padStart(4, '0')}.jpg`,
    embedding: Float32Array.from(vector),
    metadata: metadata[index] ?? {},
  }));
}

/** Distances as docs/selection.md defines them. */
export function euclideanDistance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let axis = 0; axis < a.length; axis++) sum += (a[axis]! - b[axis]!) ** 2;
  return Math.fround(Math.sqrt(sum));
}
