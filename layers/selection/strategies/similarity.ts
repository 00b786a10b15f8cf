import { InvalidInputError } from '#contracts/errors';
import type { SelectionEntry } from '#contracts/selection-config';
import { embeddingMatrix } from '../vectors/embedding-matrix.ts';
import { type Objective, type ObjectiveStrategy, type SelectionContext, strengthOf } from './strategy.ts';

/** What points away from every query counts as this share of what is the same as one: it may still be chosen. */
const SMALLEST_SIMILARITY = 1e-6;

/** Prefer what looks like the samples of another dataset's tag: the cosine similarity to the nearest of them. */
export const similarity: ObjectiveStrategy = {
  kind: 'objective',
  input: 'EMBEDDINGS',
  strategy: 'SIMILARITY',
  inputFields: ['datasetId', 'tagName'],
  strategyFields: ['strength'],
  required: ['input.datasetId', 'input.tagName'],
  objective: similarityObjective,
};

async function similarityObjective(
  entry: SelectionEntry,
  path: string,
  context: SelectionContext,
): Promise<Objective> {
  const cosines = await largestCosines(queryVectors(entry, path, context), context);
  return {
    strength: strengthOf(entry),
    logValues: Float64Array.from(cosines, (cosine) =>
      Math.log(Math.max((1 + cosine) / 2, SMALLEST_SIMILARITY)),
    ),
    describe: (position) =>
      `cosine similarity ${cosines[position]?.toFixed(4)} to the nearest sample of tag ${entry.input.tagName}`,
  };
}

function queryVectors(
  { input: { datasetId, tagName } }: SelectionEntry,
  path: string,
  { queries }: SelectionContext,
): readonly Float32Array[] {
  const found = queries.find((query) => query.datasetId === datasetId && query.tagName === tagName);
  if (found && found.vectors.length > 0) return found.vectors;
  throw new InvalidInputError(
    `${path}.input: there are no embeddings of a tag '${tagName}' of dataset '${datasetId}'. ` +
      'Name a tag whose samples have been analysed.',
  );
}

async function largestCosines(
  queries: readonly Float32Array[],
  { candidates, progress }: SelectionContext,
): Promise<Float64Array> {
  const dimension = candidates[0]?.embedding.length ?? 0;
  const matrix = embeddingMatrix(queries.map(unitVector), dimension, 'query vector');
  const largest = new Float64Array(candidates.length);
  for (const [position, { embedding }] of candidates.entries()) {
    const own = embeddingMatrix([unitVector(embedding)], dimension, `candidate ${position}, row`).values;
    let best = -1;
    for (let row = 0; row < matrix.rows; row++) {
      let cosine = 0;
      for (let axis = 0; axis < dimension; axis++) {
        cosine += (own[axis] as number) * (matrix.values[row * dimension + axis] as number);
      }
      if (cosine > best) best = cosine;
    }
    largest[position] = Math.min(1, best);
    if (progress.spend(matrix.rows * dimension)) await progress.pause();
  }
  return largest;
}

/** Zero vectors have no direction and stay as they are: their cosine with anything is 0. */
function unitVector(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length > 0 && Number.isFinite(length) ? vector.map((value) => value / length) : vector;
}
