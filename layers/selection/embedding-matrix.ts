import { InvalidInputError } from '#contracts/errors';

/** Vectors of one length, one after the other in one block of memory: what the distance loops run over. */
export interface EmbeddingMatrix {
  readonly values: Float32Array;
  readonly rows: number;
  readonly dimension: number;
}

/**
 * Copies embeddings into a matrix.
 *
 * @throws InvalidInputError where lengths differ or a value is not finite: a NaN would win or lose every comparison.
 */
export function embeddingMatrix(
  embeddings: readonly Float32Array[],
  dimension: number,
  whose: string,
): EmbeddingMatrix {
  const values = new Float32Array(embeddings.length * dimension);
  embeddings.forEach((embedding, row) => {
    if (embedding.length !== dimension) {
      throw new InvalidInputError(
        `Expected ${dimension} values in the embedding of ${whose} ${row} but received ${embedding.length}: ` +
          'embeddings of different models cannot be compared.',
      );
    }
    if (!isFiniteVector(embedding)) {
      throw new InvalidInputError(
        `The embedding of ${whose} ${row} holds a value that is not a finite number.`,
      );
    }
    values.set(embedding, row * dimension);
  });
  return { values, rows: embeddings.length, dimension };
}

function isFiniteVector(vector: Float32Array): boolean {
  // Zero times NaN or an infinity is NaN.
  let sum = 0;
  for (const value of vector) sum += value * 0;
  return sum === 0;
}

export function meanOf({ values, rows, dimension }: EmbeddingMatrix): Float64Array {
  const mean = new Float64Array(dimension);
  for (let row = 0; row < rows; row++) {
    for (let axis = 0; axis < dimension; axis++) {
      mean[axis] = (mean[axis] as number) + (values[row * dimension + axis] as number) / rows;
    }
  }
  return mean;
}

/** Position of the row nearest to the mean of all rows; of several, the first. */
export function nearestToMean(matrix: EmbeddingMatrix): number {
  const { values, rows, dimension } = matrix;
  const mean = meanOf(matrix);
  let nearest = 0;
  let smallest = Number.POSITIVE_INFINITY;
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let axis = 0; axis < dimension; axis++) {
      const difference = (values[row * dimension + axis] as number) - (mean[axis] as number);
      sum += difference * difference;
    }
    if (sum < smallest) {
      smallest = sum;
      nearest = row;
    }
  }
  return nearest;
}
