import { messageSender } from '#aws/sqs-sender';
import { openTable } from '#aws/table';
import { jobMessage } from '#contracts/jobs';
import { parseJsonWith } from '#contracts/schema';
import { carryOutDeletion } from '#platform/datasets/delete-dataset';
import { sampleTag } from '#platform/sampling/sample-tag';
import { readConfig } from '#runtime/config';
import { observe } from '#runtime/observability';
import { sqsStage } from '#runtime/sqs-stage';
import { select } from '#selection/select';
import { type CarryOutJobDeps, carryOutJob } from './carry-out-job.ts';
import { jobConfig } from './config.ts';
import { drawEmbedding } from './draw-embedding.ts';
import { openStores } from './stores.ts';

/** What a page of a deletion needs to come to its end. */
const TIME_TO_END_MS = 60_000;

const config = readConfig(jobConfig);
const stores = openStores(openTable(config.table), config.platformBucket);
const deletion = { ...stores, jobQueue: messageSender(config.jobQueueUrl, jobMessage) };
const deps: CarryOutJobDeps = {
  ...stores,
  kinds: {
    DELETE_DATASET: (job, timeIsUp) => carryOutDeletion(job, timeIsUp, deletion),
    SAMPLING: (job) => sampleTag(job, { ...stores, select }),
    EMBEDDINGS2D: (job) => drawEmbedding(job, stores),
  },
  telemetry: observe('job').telemetry,
};

export const handler = sqsStage('job', (body, { remainingTimeMs }) =>
  carryOutJob(parseJsonWith(jobMessage, body, 'Job message'), () => remainingTimeMs() < TIME_TO_END_MS, deps),
);
