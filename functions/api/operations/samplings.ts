import { isUpload } from '#platform/embeddings/announce-upload';
import { checkedUpload } from '#platform/embeddings/check-upload';
import { knownEmbedding } from '#platform/embeddings/find-embedding';
import { startJob } from '#platform/jobs/jobs';
import { needsVectors, orderSampling } from '#platform/sampling/order-sampling';
import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';

type Deps = Pick<
  ApiDeps,
  'embeddings' | 'samples' | 'objects' | 'buckets' | 'tags' | 'scores' | 'jobs' | 'jobQueue' | 'now'
>;

export function samplingsOperations(deps: Deps): Operations<'trigger_sampling_by_id'> {
  return {
    trigger_sampling_by_id: async ({ dataset, path, body, caller }) => {
      const embedding = await knownEmbedding(dataset, path.embeddingId, deps);
      const request = await orderSampling(dataset, embedding.id, body, deps);
      if (isUpload(embedding) && needsVectors(body.method)) await checkedUpload(dataset, embedding, deps);
      const asked = { kind: 'SAMPLING', datasetId: dataset.id, userId: caller.id, request } as const;
      return { jobId: await startJob(asked, deps) };
    },
  };
}
