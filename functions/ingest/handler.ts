import { datasetStore } from '#aws/dataset-store';
import { intakeStore } from '#aws/intake-store';
import { rawSampleStore } from '#aws/raw-sample-store';
import { objectStore } from '#aws/s3-objects';
import { messageSender } from '#aws/sqs-sender';
import { openTable } from '#aws/table';
import { scheduleCheckMessage } from '#contracts/messages';
import { newObjectId } from '#contracts/schema';
import { modelRegistry } from '#platform/embeddings/model-registry';
import { readConfig } from '#runtime/config';
import { fileCache } from '#runtime/file-cache';
import { observe } from '#runtime/observability';
import { sqsBatchStage } from '#runtime/sqs-stage';
import { embeddingModels } from '#worker/embedding-models';
import { ingestConfig } from './config.ts';
import { datasetCache } from './dataset-cache.ts';
import { imageAnalyser } from './image-analyser.ts';
import { ingestBatch } from './ingest-batch.ts';
import type { IngestDeps } from './ingest-deps.ts';

const { table: tableName, buckets, scheduleQueueUrl } = readConfig(ingestConfig);
const table = openTable(tableName);
const objects = objectStore();
const datasets = datasetStore(table);
const models = embeddingModels(modelRegistry(objects, buckets.platform), fileCache('winnow-models'));

const deps: IngestDeps = {
  datasets,
  ensureDataset: datasetCache(datasets, buckets, Date.now),
  rawSamples: rawSampleStore(table),
  intake: intakeStore(table),
  landing: objects,
  platform: objects,
  scheduleQueue: messageSender(scheduleQueueUrl, scheduleCheckMessage),
  analyse: imageAnalyser(models),
  telemetry: observe('ingest').telemetry,
  now: Date.now,
  newId: () => newObjectId(Date.now()),
  buckets,
};

// While one image waits for S3 or the table, another is decoded, which may take half a minute.
export const handler = sqsBatchStage('ingest', () => ingestBatch(deps), {
  concurrency: 2,
  leastTimeMs: 30_000,
});
