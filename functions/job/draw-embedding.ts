import { projectionOrder } from '#contracts/job-requests';
import type { Job } from '#contracts/jobs';
import { type ObjectId, parseWith } from '#contracts/schema';
import type { DatasetStore } from '#platform/datasets/datasets';
import { livingDataset } from '#platform/datasets/living-dataset';
import { knownEmbedding } from '#platform/embeddings/find-embedding';
import { type ProjectionDeps, projectEmbedding } from '#platform/embeddings/project-embedding';

export interface DrawEmbeddingDeps extends ProjectionDeps {
  readonly datasets: Pick<DatasetStore, 'get'>;
}

/** Draws an embedding in the plane. Done again, it draws the same picture. */
export async function drawEmbedding(job: Job, deps: DrawEmbeddingDeps): Promise<{ embedding2dId: ObjectId }> {
  const { embeddingId, method } = parseWith(projectionOrder, job.request, 'Projection order');
  const dataset = await livingDataset(job.datasetId, deps.datasets);
  const embedding = await knownEmbedding(dataset, embeddingId, deps);
  return { embedding2dId: await projectEmbedding(dataset, embedding, method, deps) };
}
