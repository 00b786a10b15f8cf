import type { Embedding } from '#contracts/embeddings';
import { InvalidInputError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { announceUpload, isUpload } from '#platform/embeddings/announce-upload';
import { checkedUpload, rowCountInvalid } from '#platform/embeddings/check-upload';
import { embeddingFile } from '#platform/embeddings/embedding-files';
import { hasVectorOf, isReady, knownEmbedding, listEmbeddings } from '#platform/embeddings/find-embedding';
import { SHORT_URL_SECONDS, shortReadUrl } from '#platform/objects/short-read-url';
import { knownSampleIndex } from '#platform/samples/known-sample';
import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';

type EmbeddingsOperation =
  | 'get_embeddings_by_sample_id'
  | 'get_embeddings_by_dataset_id'
  | 'get_embeddings_csv_write_url_by_id'
  | 'delete_embedding_by_id'
  | 'set_embeddings_is_processed_flag_by_id'
  | 'get_embeddings_csv_read_url_by_id';

type EmbeddingsDeps = Pick<
  ApiDeps,
  'embeddings' | 'samples' | 'objects' | 'buckets' | 'readUrls' | 'writeUrls' | 'now'
>;

export const embeddingsOperations = (deps: EmbeddingsDeps): Operations<EmbeddingsOperation> => ({
  ...listOperations(deps),
  ...fileOperations(deps),
});

function listOperations(deps: EmbeddingsDeps) {
  return {
    get_embeddings_by_dataset_id: async ({ dataset }) => {
      const drawn = new Set<string>();
      for await (const { embeddingId } of deps.embeddings.list2d(dataset.id)) drawn.add(embeddingId);
      return (await listEmbeddings(dataset, deps)).map((embedding) => ({
        id: embedding.id,
        name: embedding.name,
        isProcessed: isReady(embedding),
        createdAt: embedding.createdAt,
        is2d: drawn.has(embedding.id),
      }));
    },
    get_embeddings_by_sample_id: async ({ dataset, path }) => {
      const index = knownSampleIndex(dataset, path.sampleId);
      const embeddingModel = (await deps.samples.get(dataset.id, index))?.facts?.embeddingModel;
      const all = await listEmbeddings(dataset, deps);
      return all
        .filter((embedding) => hasVectorOf(embedding, { index, embeddingModel }))
        .map(({ id, name }) => ({ id, dataset: dataset.id, name }));
    },
    delete_embedding_by_id: async ({ dataset, path }) => {
      const embedding = await knownEmbedding(dataset, path.embeddingId, deps);
      if (!isUpload(embedding)) {
        throw new InvalidInputError(
          `Embedding '${embedding.name}' is computed of the images, and stays as long as they do.`,
        );
      }
      await deps.embeddings.delete(embedding);
    },
  } satisfies Partial<Operations<EmbeddingsOperation>>;
}

function fileOperations(deps: EmbeddingsDeps) {
  return {
    get_embeddings_csv_write_url_by_id: async ({ dataset, query }) => {
      const { id, source } = await announceUpload(dataset.id, query.name, deps);
      const upload = { bucket: deps.buckets.platform, key: source.uploadKey };
      return {
        embeddingId: id,
        signedWriteUrl: await deps.writeUrls.signWrite(upload, SHORT_URL_SECONDS),
      };
    },
    set_embeddings_is_processed_flag_by_id: async ({ dataset, path, body }) => {
      const embedding = await knownEmbedding(dataset, path.embeddingId, deps);
      await checkRowCount(dataset, embedding, body.rowCount, deps);
    },
    get_embeddings_csv_read_url_by_id: async ({ dataset, path }) => {
      const embedding = await knownEmbedding(dataset, path.embeddingId, deps);
      return shortReadUrl(await embeddingFile(dataset, embedding, deps), deps);
    },
  } satisfies Partial<Operations<EmbeddingsOperation>>;
}

/** The built-in embedding is always processed: whoever says so is right. */
async function checkRowCount(
  dataset: Dataset,
  embedding: Embedding,
  expected: number,
  deps: EmbeddingsDeps,
): Promise<void> {
  if (!isUpload(embedding)) return;
  const { rowCount } = await checkedUpload(dataset, embedding, deps);
  if (rowCount !== expected) throw rowCountInvalid(rowCount, expected);
}
