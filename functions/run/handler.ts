import { setTimeout } from 'node:timers/promises';
import { objectStore } from '#aws/s3-objects';
import { messageSender } from '#aws/sqs-sender';
import { openTable } from '#aws/table';
import { completionMessage, runMessage, shardMessage } from '#contracts/messages';
import { parseJsonWith } from '#contracts/schema';
import { blockOtherDecoders } from '#imaging/configured-sharp';
import { thumbnailJpeg } from '#imaging/thumbnail-jpeg';
import { unlessDeleted } from '#platform/datasets/unless-deleted';
import { modelRegistry } from '#platform/embeddings/model-registry';
import { readConfig } from '#runtime/config';
import { fileCache } from '#runtime/file-cache';
import { observe } from '#runtime/observability';
import { processLoad } from '#runtime/process-load';
import { sqsStage } from '#runtime/sqs-stage';
import { embeddingModels } from '#worker/embedding-models';
import { carryOutRun } from './carry-out-run.ts';
import { runConfig } from './config.ts';
import { givenSources } from './given-sources.ts';
import { repeatEvery } from './repeat-every.ts';
import type { RunDeps } from './run-deps.ts';
import { runStores } from './stores.ts';

// Images of strangers: this process decodes the accepted formats only.
blockOtherDecoders();

const { platformBucket, leaseSeconds, maxAttempts, mostCandidates, ...config } = readConfig(runConfig);
const objects = objectStore();
const table = openTable(config.table);
const stores = runStores(table, objects, platformBucket);

const deps: RunDeps = {
  ...stores,
  ...givenSources({ ...stores, table, objects, platformBucket }),
  objects,
  jpegOf: thumbnailJpeg,
  models: embeddingModels(modelRegistry(objects, platformBucket), fileCache('winnow-models')),
  runQueue: messageSender(config.runQueueUrl, runMessage),
  shardQueue: messageSender(config.shardQueueUrl, shardMessage),
  completionQueue: messageSender(config.completionQueueUrl, completionMessage),
  telemetry: observe('run').telemetry,
  platformBucket,
  leaseSeconds,
  maxAttempts,
  mostCandidates,
  now: Date.now,
  load: processLoad(),
  pause: setTimeout,
  repeat: repeatEvery,
};

export const handler = sqsStage('run', (body) =>
  unlessDeleted(parseJsonWith(runMessage, body, 'Run message'), deps, (message) =>
    carryOutRun(message, deps),
  ),
);
