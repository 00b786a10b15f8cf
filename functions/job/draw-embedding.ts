import type { JobOf, JobResult } from '#contracts/jobs';
import type { DatasetStore } from '#platform/datasets/datasets';
import { livingDataset } from '#platform/datasets/living-dataset';
import { knownEmbedding } from '#platform/embeddings/find-embedding';
import { type ProjectionDeps, projectEmbedding } from '#platform/embeddings/project-embedding';

export interface DrawEmbeddingDeps extends ProjectionDeps {
  readonly datasets: Pick<DatasetStore, 'get'>;
}

/** Draws an embedding in the plane. Done again, it draws the same picture. */
export async function drawEmbedding(
  { datasetId, request: { embeddingId, method } }: JobOf<'EMBEDDINGS2D'>,
  deps: DrawEmbeddingDeps,
): Promise<JobResult<'EMBEDDINGS2D'>> {
  const dataset = await livingDataset(datasetId, deps.datasets);
  const embedding = await knownEmbedding(dataset, embeddingId, deps);
  return { embedding2dId: await projectEmbedding(dataset, embedding, method, deps) };
}
