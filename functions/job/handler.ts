import { datasetContents } from '#aws/dataset-contents';
import { datasetStore } from '#aws/dataset-store';
import { embeddingStore } from '#aws/embedding-store';
import { jobStore } from '#aws/job-store';
import { objectStore } from '#aws/s3-objects';
import { sampleStore } from '#aws/sample-store';
import { scoreStore } from '#aws/score-store';
import { messageSender } from '#aws/sqs-sender';
import { openTable } from '#aws/table';
import { tagStore } from '#aws/tag-store';
import { jobMessage } from '#contracts/jobs';
import { parseJsonWith } from '#contracts/schema';
import { carryOutDeletion } from '#platform/datasets/delete-dataset';
import { readConfig } from '#runtime/config';
import { observe } from '#runtime/observability';
import { sqsStage } from '#runtime/sqs-stage';
import { type CarryOutJobDeps, carryOutJob } from './carry-out-job.ts';
import { jobConfig } from './config.ts';
import { drawEmbedding } from './draw-embedding.ts';
import { sampleTag } from './sample-tag.ts';

/** What a page of a deletion needs to come to its end. */
const TIME_TO_END_MS = 60_000;

const config = readConfig(jobConfig);
const table = openTable(config.table);
const objects = objectStore();
const deletion = {
  datasets: datasetStore(table),
  contents: datasetContents(table, objects, config.platformBucket),
  jobQueue: messageSender(config.jobQueueUrl, jobMessage),
  now: Date.now,
};

const vectors = {
  datasets: deletion.datasets,
  samples: sampleStore(table),
  embeddings: embeddingStore(table, objects, config.platformBucket),
  scores: scoreStore(table, objects, config.platformBucket),
  tags: tagStore(table, objects, config.platformBucket),
  objects,
  buckets: { platform: config.platformBucket },
  now: Date.now,
};
const deps: CarryOutJobDeps = {
  jobs: jobStore(table),
  kinds: {
    DELETE_DATASET: (job, timeIsUp) => carryOutDeletion(job, timeIsUp, deletion),
    SAMPLING: (job) => sampleTag(job, vectors),
    EMBEDDINGS2D: (job) => drawEmbedding(job, vectors),
  },
  telemetry: observe('job').telemetry,
  now: Date.now,
};

export const handler = sqsStage('job', (body, { remainingTimeMs }) =>
  carryOutJob(parseJsonWith(jobMessage, body, 'Job message'), () => remainingTimeMs() < TIME_TO_END_MS, deps),
);
