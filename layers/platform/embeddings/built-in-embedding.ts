import type { Embedding } from '#contracts/embeddings';
import type { Dataset } from '#contracts/items';
import type { Sample } from '#contracts/samples';
import type { ObjectId } from '#contracts/schema';
import { derivedObjectId } from '../derived-id.ts';
import type { SampleStore } from '../samples/samples.ts';
import { tagNameAt } from '../tags/run-tags.ts';
import type { EmbeddingRow, EmbeddingStore } from './embeddings.ts';

/**
 * The embedding that Winnow itself computes of every image on its arrival. A dataset has it as soon as one of its
 * samples has been analysed. Programs of the protocol know it by its name, which begins with `default`.
 */
const builtInEmbedding = ({ id: datasetId, createdAt }: Dataset): Embedding => ({
  id: builtInEmbeddingId(datasetId),
  datasetId,
  name: `default_${tagNameAt(createdAt)}`,
  createdAt,
  source: { type: 'images' },
});

export const builtInEmbeddingId = (datasetId: ObjectId): ObjectId =>
  derivedObjectId('embedding of the images', datasetId);

export interface BuiltInDeps {
  readonly embeddings: Pick<EmbeddingStore, 'create'>;
  readonly samples: Pick<SampleStore, 'range'>;
}

/** Keeps the built-in embedding, so that nobody has to look for it again. Undefined where no sample is analysed. */
export async function findBuiltIn(dataset: Dataset, deps: BuiltInDeps): Promise<Embedding | undefined> {
  for await (const { facts } of deps.samples.range(dataset.id, 0, dataset.sampleCount)) {
    if (facts) return deps.embeddings.create(builtInEmbedding(dataset));
  }
  return undefined;
}

/** The vectors of the samples that have one, by index. */
export async function* builtInRows(samples: AsyncIterable<Sample>): AsyncGenerator<EmbeddingRow> {
  for await (const { fileName, facts } of samples) {
    if (facts) yield { fileName, vector: facts.embedding };
  }
}
