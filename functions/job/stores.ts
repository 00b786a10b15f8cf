import { datasetContents } from '#aws/dataset-contents';
import { datasetStore } from '#aws/dataset-store';
import { embeddingStore } from '#aws/embedding-store';
import { jobStore } from '#aws/job-store';
import { objectStore } from '#aws/s3-objects';
import { sampleStore } from '#aws/sample-store';
import { scoreStore } from '#aws/score-store';
import type { Table } from '#aws/table';
import { tagStore } from '#aws/tag-store';

/** The stores that jobs of all kinds work on. */
export function openStores(table: Table, platformBucket: string) {
  const objects = objectStore();
  return {
    jobs: jobStore(table),
    datasets: datasetStore(table),
    contents: datasetContents(table, objects, platformBucket),
    samples: sampleStore(table),
    embeddings: embeddingStore(table, objects, platformBucket),
    scores: scoreStore(table, objects, platformBucket),
    tags: tagStore(table, objects, platformBucket),
    objects,
    buckets: { platform: platformBucket },
    now: Date.now,
  };
}
