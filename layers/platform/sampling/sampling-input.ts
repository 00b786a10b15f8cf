import type { Embedding } from '#contracts/embeddings';
import { InvalidInputError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { SamplingMethod, SamplingOrder } from '#contracts/job-requests';
import type { SelectionConfig, SelectionEntry } from '#contracts/selection-config';
import type { Tag } from '#contracts/tags';
import { type EmbeddingFilesDeps, embeddingRows } from '../embeddings/embedding-files.ts';
import type { ScoreStore } from '../scores/scores.ts';
import { indexesOfMask } from '../tags/bit-mask.ts';

/** The key under which a candidate's score stands in its metadata. */
export const SCORE_KEY = 'score';

/**
 * The sampling methods in terms of selection strategies. CORAL is the product of the distances of CORESET and of the
 * scores of ACTIVE_LEARNING.
 *
 * @param most how many may be chosen
 * @param seed of RANDOM
 */
export function samplingSelection(
  { method, minDistance }: Pick<SamplingOrder, 'method' | 'minDistance'>,
  most: number,
  seed: number,
): SelectionConfig {
  const diversity: SelectionEntry = {
    input: { type: 'EMBEDDINGS' },
    strategy: {
      type: 'DIVERSITY',
      ...(minDistance !== undefined && { stopping_condition_minimum_distance: minDistance }),
    },
  };
  const scores: SelectionEntry = {
    input: { type: 'METADATA', key: SCORE_KEY },
    strategy: { type: 'WEIGHTS' },
  };
  const lot: SelectionEntry = { input: { type: 'RANDOM', randomSeed: seed }, strategy: { type: 'WEIGHTS' } };
  const strategies: Readonly<Record<SamplingMethod, SelectionEntry[]>> = {
    RANDOM: [lot],
    CORESET: [diversity],
    ACTIVE_LEARNING: [scores],
    CORAL: [diversity, scores],
  };
  return { nSamples: most, strategies: strategies[method] };
}

/**
 * The vectors of samples by index.
 * @throws InvalidInputError where the embedding has none for some of them
 */
export async function vectorsOf(
  dataset: Dataset,
  embedding: Embedding,
  indexes: ReadonlySet<number>,
  deps: EmbeddingFilesDeps,
): Promise<Map<number, Float32Array>> {
  const indexByName = new Map<string, number>();
  for await (const { index, fileName } of deps.samples.names(dataset.id, 0, dataset.sampleCount)) {
    if (indexes.has(index)) indexByName.set(fileName, index);
  }
  const vectors = new Map<number, Float32Array>();
  for await (const { fileName, vector } of embeddingRows(dataset, embedding, deps)) {
    const index = indexByName.get(fileName);
    if (index !== undefined) vectors.set(index, vector);
  }
  const missing = indexes.size - vectors.size;
  if (missing > 0) {
    throw new InvalidInputError(
      `${missing} of ${indexes.size} samples have no vector in embedding '${embedding.name}'. Upload an embedding ` +
        'that has one for each sample, or choose from a tag whose samples have one.',
    );
  }
  return vectors;
}

/**
 * The scores of a tag's samples by index.
 * @throws InvalidInputError where the scores are gone, or the tag has changed since they were written
 */
export async function scoresOf(
  tag: Tag,
  { scoreId }: NonNullable<SamplingOrder['scores']>,
  { scores }: { readonly scores: Pick<ScoreStore, 'get' | 'read'> },
): Promise<Map<number, number>> {
  const header = await scores.get(tag.datasetId, { tagId: tag.id }, scoreId);
  if (!header) throw new InvalidInputError(`Tag '${tag.name}' has no scores '${scoreId}' any more.`);
  const values = await scores.read(header);
  if (values.length !== tag.totSize) {
    throw new InvalidInputError(
      `Tag '${tag.name}' has ${tag.totSize} samples and ${values.length} scores '${header.scoreType}'. ` +
        'It has changed: upload its scores again.',
    );
  }
  const byIndex = new Map<number, number>();
  for (const index of indexesOfMask(tag.bitMaskData)) byIndex.set(index, values[byIndex.size] as number);
  return byIndex;
}
