import { datasetStore } from '#aws/dataset-store';
import { datasourceStateStore } from '#aws/datasource-state-store';
import { datasourceStore } from '#aws/datasource-store';
import { heldEventStore } from '#aws/held-event-store';
import { rawSampleStore } from '#aws/raw-sample-store';
import { objectStore } from '#aws/s3-objects';
import { messageCount, messageSender } from '#aws/sqs-sender';
import { syncStore } from '#aws/sync-store';
import { openTable } from '#aws/table';
import { ingestRequest } from '#contracts/object-event';
import { newObjectId, parseJsonWith } from '#contracts/schema';
import { syncMessage } from '#contracts/syncs';
import { requestMemory } from '#platform/syncs/request-memory';
import { syncMemory } from '#platform/syncs/sync-memory';
import { readConfig } from '#runtime/config';
import { observe } from '#runtime/observability';
import { sqsStage } from '#runtime/sqs-stage';
import { storeConnections } from '#stores/store-connections';
import { syncConfig } from './config.ts';
import { syncDataset } from './sync-dataset.ts';
import { type SyncDeps, USUAL_LIMITS } from './sync-deps.ts';

/** What the requests under way, and the note of where they have come to, need to come to their end. */
const TIME_TO_END_MS = 30_000;

const { table: tableName, platformBucket, ingestQueueUrl, syncQueueUrl } = readConfig(syncConfig);
const table = openTable(tableName);
const objects = objectStore();

const deps: SyncDeps = {
  datasets: datasetStore(table),
  datasources: datasourceStore(table),
  datasourceConnections: storeConnections(),
  states: datasourceStateStore(table),
  rawSamples: rawSampleStore(table),
  heldEvents: heldEventStore(table),
  syncs: syncStore(table),
  memory: syncMemory({ objects, platformBucket }),
  ingestQueue: messageSender(ingestQueueUrl, ingestRequest),
  syncQueue: messageSender(syncQueueUrl, syncMessage),
  ingestBacklog: messageCount(ingestQueueUrl),
  requests: requestMemory({ forMs: 60 * 60_000, most: 50_000 }, Date.now),
  telemetry: observe('sync').telemetry,
  now: Date.now,
  newId: () => newObjectId(Date.now()),
  limits: USUAL_LIMITS,
};

export const handler = sqsStage('sync', (body, { remainingTimeMs }) =>
  syncDataset(
    parseJsonWith(syncMessage, body, 'Sync message'),
    () => remainingTimeMs() < TIME_TO_END_MS,
    deps,
  ),
);
