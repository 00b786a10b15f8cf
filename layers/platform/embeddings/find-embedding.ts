import type { Embedding } from '#contracts/embeddings';
import { NotFoundError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { SampleStore } from '../samples/samples.ts';
import { builtInEmbeddingId, findBuiltIn, isOfCurrentModel } from './built-in-embedding.ts';
import type { EmbeddingStore } from './embeddings.ts';

interface Deps {
  readonly embeddings: Pick<EmbeddingStore, 'get' | 'list' | 'create'>;
  readonly samples: Pick<SampleStore, 'range'>;
}

/** @throws NotFoundError where the dataset has no such embedding */
export async function knownEmbedding(dataset: Dataset, embeddingId: string, deps: Deps): Promise<Embedding> {
  const stored = await deps.embeddings.get(dataset.id, embeddingId);
  if (stored) return stored;
  const isBuiltIn = embeddingId === builtInEmbeddingId(dataset);
  const found = isBuiltIn ? await findBuiltIn(dataset, deps) : undefined;
  if (!found) throw new NotFoundError('embedding', embeddingId);
  return found;
}

/** All embeddings of the dataset, newest first: the built-in one is as old as the dataset. */
export async function listEmbeddings(dataset: Dataset, deps: Deps): Promise<Embedding[]> {
  const stored = await Array.fromAsync(deps.embeddings.list(dataset.id));
  const found = stored.filter((embedding) => isOfCurrentModel(embedding, dataset));
  if (!found.some(({ source }) => source.type === 'images')) {
    const builtIn = await findBuiltIn(dataset, deps);
    if (builtIn) found.push(builtIn);
  }
  return found.sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1));
}

/** True for embeddings whose vectors are there. */
export const isReady = ({ source }: Embedding): boolean =>
  source.type === 'images' || source.checked !== undefined;

/** True for embeddings that have a vector of the sample: an upload has one of each sample that there was. */
export const hasVectorOf = (
  { source }: Embedding,
  sample: { readonly index: number; readonly embeddingModel: string | undefined },
): boolean =>
  source.type === 'images'
    ? source.model === sample.embeddingModel
    : sample.index < (source.checked?.rowCount ?? 0);
