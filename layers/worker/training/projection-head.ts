/** A linear projection of embeddings: W (x − centre), scaled to length 1. */
export interface ProjectionHead {
  readonly inputDimension: number;
  readonly outputDimension: number;
  /** Subtracted first; `inputDimension` values. */
  readonly centre: Float32Array;
  /** `outputDimension` rows of `inputDimension` values. */
  readonly weights: Float32Array;
}

/** The product without scaling to length 1, written to `to` from `at` on. */
export function applyHead(head: ProjectionHead, embedding: Float32Array, to: Float32Array, at = 0): void {
  const { inputDimension, outputDimension, centre, weights } = head;
  for (let row = 0; row < outputDimension; row++) {
    let sum = 0;
    const start = row * inputDimension;
    for (let k = 0; k < inputDimension; k++) {
      sum += (weights[start + k] as number) * ((embedding[k] as number) - (centre[k] as number));
    }
    to[at + row] = sum;
  }
}

/** The projected embedding, of length 1; of zeros where nothing is left of it. */
export function project(head: ProjectionHead, embedding: Float32Array): Float32Array {
  const projected = new Float32Array(head.outputDimension);
  applyHead(head, embedding, projected);
  let squares = 0;
  for (const value of projected) squares += value * value;
  const length = Math.sqrt(squares);
  return length === 0 ? projected : projected.map((value) => value / length);
}
