import { InvalidInputError } from '#contracts/errors';

/** Vectors of one length, one after the other in one block of memory: what the distance loops run over. */
export interface EmbeddingMatrix {
  readonly values: Float32Array;
  readonly rows: number;
  readonly dimension: number;
}

/**
 * Embeddings as a matrix: without a copy where they lie one after the other in one buffer already.
 *
 * @throws InvalidInputError as {@link checkEmbeddings} does.
 */
export function embeddingMatrix(
  embeddings: readonly Float32Array[],
  dimension: number,
  whose: string,
): EmbeddingMatrix {
  checkEmbeddings(embeddings, dimension, whose);
  return { values: inOneBlock(embeddings, dimension), rows: embeddings.length, dimension };
}

/** Distances of vectors of larger values may be more than a float32 holds. */
const LARGEST_VALUE = 1e30;

/**
 * @throws InvalidInputError where lengths differ, or a value is not finite or out of proportion: a NaN would win or lose
 * every comparison.
 */
export function checkEmbeddings(embeddings: readonly Float32Array[], dimension: number, whose: string): void {
  embeddings.forEach((embedding, row) => {
    if (embedding.length !== dimension) {
      throw new InvalidInputError(
        `Expected ${dimension} values in the embedding of ${whose} ${row} but received ${embedding.length}: ` +
          'embeddings of different models cannot be compared.',
      );
    }
    if (!isMeasurable(embedding)) {
      throw new InvalidInputError(
        `The embedding of ${whose} ${row} holds a value that is not a finite number from -${LARGEST_VALUE} to ${LARGEST_VALUE}.`,
      );
    }
  });
}

function inOneBlock(embeddings: readonly Float32Array[], dimension: number): Float32Array {
  const [first] = embeddings;
  const isBlock = embeddings.every(
    ({ buffer, byteOffset }, row) =>
      buffer === first?.buffer && byteOffset === first.byteOffset + row * dimension * 4,
  );
  if (first && isBlock) {
    return new Float32Array(first.buffer, first.byteOffset, embeddings.length * dimension);
  }
  const values = new Float32Array(embeddings.length * dimension);
  embeddings.forEach((embedding, row) => {
    values.set(embedding, row * dimension);
  });
  return values;
}

function isMeasurable(vector: Float32Array): boolean {
  let largest = 0;
  // Math.max of a NaN is NaN, which is not below anything.
  for (const value of vector) largest = Math.max(largest, Math.abs(value));
  return largest <= LARGEST_VALUE;
}

/** Component by component; vectors of one length, at least one. */
export function meanOf(vectors: readonly Float32Array[]): Float64Array {
  const mean = new Float64Array(vectors[0]?.length ?? 0);
  for (const vector of vectors) {
    for (let axis = 0; axis < mean.length; axis++) {
      mean[axis] = (mean[axis] as number) + (vector[axis] as number) / vectors.length;
    }
  }
  return mean;
}

/** Position of the vector nearest to the mean of all; of several, the first. */
export function nearestToMean(vectors: readonly Float32Array[]): number {
  const mean = meanOf(vectors);
  let nearest = 0;
  let smallest = Number.POSITIVE_INFINITY;
  for (let position = 0; position < vectors.length; position++) {
    const vector = vectors[position] as Float32Array;
    let sum = 0;
    for (let axis = 0; axis < mean.length; axis++) {
      const difference = (vector[axis] as number) - (mean[axis] as number);
      sum += difference * difference;
    }
    if (sum < smallest) {
      smallest = sum;
      nearest = position;
    }
  }
  return nearest;
}
