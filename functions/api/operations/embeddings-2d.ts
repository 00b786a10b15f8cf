import type { Embedding, Embedding2d } from '#contracts/embeddings';
import { NotFoundError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { Embedding2DData } from '#contracts/protocol/types.gen';
import { checkEmbeddingName, isUpload } from '#platform/embeddings/announce-upload';
import { checkedUpload } from '#platform/embeddings/check-upload';
import { embeddingRows } from '#platform/embeddings/embedding-files';
import { knownEmbedding } from '#platform/embeddings/find-embedding';
import { checkCoordinates, save2d } from '#platform/embeddings/project-embedding';
import { startJob } from '#platform/jobs/jobs';
import { mapped } from '#platform/rows';
import type { ApiDeps } from '../api-deps.ts';
import { type Operations, RowStream } from '../operation.ts';

type Embeddings2dOperation =
  | 'trigger2d_embeddings_job'
  | 'create_embeddings2d_by_embedding_id'
  | 'get_embeddings2d_by_embedding_id'
  | 'get_embedding2d_by_id';

type Deps = Pick<ApiDeps, 'embeddings' | 'samples' | 'objects' | 'buckets' | 'jobs' | 'jobQueue' | 'now'>;

export function embeddings2dOperations(deps: Deps): Operations<Embeddings2dOperation> {
  const known = (dataset: Dataset, embeddingId: string) => knownEmbedding(dataset, embeddingId, deps);
  return {
    trigger2d_embeddings_job: async ({ dataset, path, body, caller }) => {
      const embedding = await known(dataset, path.embeddingId);
      // Whoever has just uploaded hears at once what is wrong with the file.
      if (isUpload(embedding)) await checkedUpload(dataset, embedding, deps);
      const request = { embeddingId: embedding.id, method: body.dimensionalityReductionMethod };
      const asked = { kind: 'EMBEDDINGS2D', datasetId: dataset.id, userId: caller.id, request } as const;
      await startJob(asked, deps);
    },
    create_embeddings2d_by_embedding_id: async ({ dataset, path, body }) => {
      const embedding = await known(dataset, path.embeddingId);
      const { name, dimensionalityReductionMethod: method } = body;
      checkEmbeddingName(name);
      const given = { dimension1: body.coordinatesDimension1, dimension2: body.coordinatesDimension2 };
      checkCoordinates(given, await rowCountOf(dataset, embedding, deps));
      return { id: await save2d(embedding, { name, method }, given, deps) };
    },
    get_embeddings2d_by_embedding_id: async ({ dataset, path }) => {
      const { id } = await known(dataset, path.embeddingId);
      return new RowStream(
        mapped(deps.embeddings.list2d(dataset.id, id), (found) => withCoordinates(found, deps)),
      );
    },
    get_embedding2d_by_id: async ({ dataset, path }) => {
      const { id } = await known(dataset, path.embeddingId);
      const found = await deps.embeddings.get2d(dataset.id, id, path.embedding2dId);
      if (!found) throw new NotFoundError('embedding 2d', path.embedding2dId);
      return withCoordinates(found, deps);
    },
  };
}

async function rowCountOf(dataset: Dataset, embedding: Embedding, deps: Deps): Promise<number> {
  if (isUpload(embedding)) return (await checkedUpload(dataset, embedding, deps)).rowCount;
  let rows = 0;
  for await (const _ of embeddingRows(dataset, embedding, deps)) rows += 1;
  return rows;
}

async function withCoordinates(embedding2d: Embedding2d, { embeddings }: Deps): Promise<Embedding2DData> {
  const { key: _, method, ...data } = embedding2d;
  const { dimension1, dimension2 } = await embeddings.readCoordinates(embedding2d);
  return {
    ...data,
    dimensionalityReductionMethod: method,
    coordinatesDimension1: dimension1,
    coordinatesDimension2: dimension2,
  };
}
