import { BUILT_IN_MODEL, modelNameOf } from '#contracts/embedding-models';
import type { Embedding } from '#contracts/embeddings';
import type { Dataset } from '#contracts/items';
import type { Sample } from '#contracts/samples';
import type { ObjectId } from '#contracts/schema';
import { derivedObjectId } from '../derived-id.ts';
import type { SampleStore } from '../samples/samples.ts';
import { tagNameAt } from '../tags/run-tags.ts';
import type { EmbeddingRow, EmbeddingStore } from './embeddings.ts';

/**
 * The embedding that Winnow itself computes of every image on its arrival, by the model that the dataset has: each model
 * gives one of its own. A dataset has it as soon as its first analysed sample is described by that model. Programs of
 * the protocol know it by its name, which begins with `default`; the name of a registered model is at its end.
 */
function builtInEmbedding(dataset: Dataset): Embedding {
  const { id: datasetId, createdAt } = dataset;
  const model = modelOf(dataset);
  return {
    id: builtInEmbeddingId(dataset),
    datasetId,
    name: `default_${tagNameAt(createdAt)}${model === BUILT_IN_MODEL ? '' : `_${model.replace('/', '_')}`}`,
    createdAt,
    source: { type: 'images', model },
  };
}

const modelOf = ({ settings }: Dataset): string => modelNameOf(settings.ingest.embeddingModel);

export const builtInEmbeddingId = (dataset: Dataset): ObjectId =>
  derivedObjectId('embedding of the images', dataset.id, modelOf(dataset));

/** False for the embedding that the dataset had by an earlier model: its vectors go, image by image. */
export const isOfCurrentModel = ({ id, source }: Embedding, dataset: Dataset): boolean =>
  source.type !== 'images' || id === builtInEmbeddingId(dataset);

export interface BuiltInDeps {
  readonly embeddings: Pick<EmbeddingStore, 'create'>;
  readonly samples: Pick<SampleStore, 'range'>;
}

/** Keeps the built-in embedding, so that nobody has to look for it again. Undefined where it is not there yet. */
export async function findBuiltIn(dataset: Dataset, deps: BuiltInDeps): Promise<Embedding | undefined> {
  for await (const { facts } of deps.samples.range(dataset.id, 0, dataset.sampleCount)) {
    if (!facts) continue;
    const isThere = facts.embeddingModel === modelOf(dataset);
    return isThere ? deps.embeddings.create(builtInEmbedding(dataset)) : undefined;
  }
  return undefined;
}

/** The vectors of the samples that the model has described, by index. */
export async function* builtInRows(
  samples: AsyncIterable<Sample>,
  model: string,
): AsyncGenerator<EmbeddingRow> {
  for await (const { fileName, facts } of samples) {
    if (facts?.embeddingModel === model) yield { fileName, vector: facts.embedding };
  }
}
