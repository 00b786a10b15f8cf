import type { RawSample } from '#contracts/items';

/**
 * The same images by file name, their embeddings one after the other in one Float32Array: what compares them all need not
 * copy them. Images whose embeddings lie so already are not copied either.
 */
export function inOneMatrix(rawSamples: readonly RawSample[]): RawSample[] {
  const sorted = rawSamples.toSorted((one, other) => (one.fileName < other.fileName ? -1 : 1));
  const embeddings = sorted.flatMap((one) => (one.state === 'registered' ? [one.facts.embedding] : []));
  if (areConsecutive(embeddings)) return sorted;
  const matrix = new Float32Array(embeddings.reduce((sum, { length }) => sum + length, 0));
  let filled = 0;
  return sorted.map((one) => {
    if (one.state !== 'registered') return one;
    const { embedding } = one.facts;
    matrix.set(embedding, filled);
    const row = matrix.subarray(filled, filled + embedding.length);
    filled += embedding.length;
    return { ...one, facts: { ...one.facts, embedding: row } };
  });
}

function areConsecutive(vectors: readonly Float32Array[]): boolean {
  let next: { readonly buffer: ArrayBufferLike; readonly byteOffset: number } | undefined;
  return vectors.every(({ buffer, byteOffset, byteLength }) => {
    const follows = next === undefined || (next.buffer === buffer && next.byteOffset === byteOffset);
    next = { buffer, byteOffset: byteOffset + byteLength };
    return follows;
  });
}
