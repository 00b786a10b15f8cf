import { datasetStore } from '#aws/dataset-store';
import { datasourceStateStore } from '#aws/datasource-state-store';
import { datasourceStore } from '#aws/datasource-store';
import { heldEventStore } from '#aws/held-event-store';
import { inputBucketStore } from '#aws/input-bucket-store';
import { intakeStore } from '#aws/intake-store';
import { rawSampleStore } from '#aws/raw-sample-store';
import { objectStore } from '#aws/s3-objects';
import { sampleAvailability } from '#aws/sample-availability';
import { messageSender } from '#aws/sqs-sender';
import { syncStore } from '#aws/sync-store';
import { openTable } from '#aws/table';
import { scheduleCheckMessage } from '#contracts/messages';
import { ingestRequest } from '#contracts/object-event';
import { newObjectId } from '#contracts/schema';
import { datasetImages } from '#platform/datasources/dataset-images';
import { modelRegistry } from '#platform/embeddings/model-registry';
import { keptForSeconds } from '#platform/kept-for-seconds';
import { readConfig } from '#runtime/config';
import { fileCache } from '#runtime/file-cache';
import { observe } from '#runtime/observability';
import { sqsBatchStage } from '#runtime/sqs-stage';
import { readsInTime } from '#stores/reads-in-time';
import { storeConnections } from '#stores/store-connections';
import { embeddingModels } from '#worker/embedding-models';
import { ingestConfig } from './config.ts';
import { datasetCache } from './dataset-cache.ts';
import { datasourceWatch } from './datasource-watch.ts';
import { imageAnalyser } from './image-analyser.ts';
import { ingestBatch } from './ingest-batch.ts';
import type { IngestDeps } from './ingest-deps.ts';
import { inputDatasets } from './input-datasets.ts';

const { table: tableName, buckets, queueUrls } = readConfig(ingestConfig);
const table = openTable(tableName);
const now = Date.now;
const datasets = datasetStore(table);
/** What a file may take (ms) to be read, so that nobody's server keeps the other messages of a batch from their turn. */
const LONGEST_READ_MS = 20_000;
const datasourceConnections = readsInTime(storeConnections(), LONGEST_READ_MS);
const models = embeddingModels(modelRegistry(objectStore(), buckets.platform), fileCache('winnow-models'));

const deps: IngestDeps = {
  datasets,
  ensureDataset: datasetCache(datasets, buckets, now),
  inputDatasets: inputDatasets({ datasets, inputBuckets: inputBucketStore(table) }, now),
  rawSamples: rawSampleStore(table),
  sampleAvailability: sampleAvailability(table),
  heldEvents: heldEventStore(table),
  intake: intakeStore(table),
  images: datasetImages({ datasources: datasourceStore(table), datasourceConnections, now }),
  datasourceConnections,
  datasourceWatch: datasourceWatch(datasourceStateStore(table), now),
  syncOf: keptForSeconds(syncStore(table).get, now),
  scheduleQueue: messageSender(queueUrls.schedule, scheduleCheckMessage),
  ingestQueue: messageSender(queueUrls.ingest, ingestRequest),
  analyse: imageAnalyser(models),
  telemetry: observe('ingest').telemetry,
  now,
  newId: () => newObjectId(now()),
  buckets,
};

// While one image waits for S3 or the table, another is decoded, which may take half a minute.
export const handler = sqsBatchStage('ingest', () => ingestBatch(deps), {
  concurrency: 2,
  leastTimeMs: 30_000,
});
