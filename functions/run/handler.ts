import { objectStore } from '#aws/s3-objects';
import { messageSender } from '#aws/sqs-sender';
import { openTable } from '#aws/table';
import { completionMessage, runMessage } from '#contracts/messages';
import { parseJsonWith } from '#contracts/schema';
import { blockOtherDecoders } from '#imaging/configured-sharp';
import { thumbnailJpeg } from '#imaging/thumbnail-jpeg';
import { unlessDeleted } from '#platform/datasets/unless-deleted';
import { readConfig } from '#runtime/config';
import { observe } from '#runtime/observability';
import { processLoad } from '#runtime/process-load';
import { sqsStage } from '#runtime/sqs-stage';
import { carryOutRun } from './carry-out-run.ts';
import { runConfig } from './config.ts';
import { givenSources } from './given-sources.ts';
import { runImages } from './read-images.ts';
import { repeatEvery } from './repeat-every.ts';
import type { RunDeps } from './run-deps.ts';
import { runStores } from './stores.ts';

// Images of strangers: this process decodes the accepted formats only.
blockOtherDecoders();

const { platformBucket, leaseSeconds, maxAttempts, ...config } = readConfig(runConfig);
const objects = objectStore();
const table = openTable(config.table);
const stores = runStores(table, objects, platformBucket);

const deps: RunDeps = {
  ...stores,
  ...givenSources({ ...stores, table, objects, platformBucket }),
  objects,
  jpegOf: thumbnailJpeg,
  images: runImages(objects),
  runQueue: messageSender(config.runQueueUrl, runMessage),
  completionQueue: messageSender(config.completionQueueUrl, completionMessage),
  telemetry: observe('run').telemetry,
  platformBucket,
  leaseSeconds,
  maxAttempts,
  now: Date.now,
  load: processLoad(),
  repeat: repeatEvery,
};

export const handler = sqsStage('run', (body) =>
  unlessDeleted(parseJsonWith(runMessage, body, 'Run message'), deps, (message) =>
    carryOutRun(message, deps),
  ),
);
