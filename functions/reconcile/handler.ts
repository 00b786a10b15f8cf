import { messageSender } from '#aws/sqs-sender';
import { jobMessage } from '#contracts/jobs';
import { completionMessage, runMessage, scheduleCheckMessage } from '#contracts/messages';
import { ingestRequest } from '#contracts/object-event';
import { newObjectId } from '#contracts/schema';
import { syncMessage } from '#contracts/syncs';
import { requestMemory } from '#platform/syncs/request-memory';
import { YOUNGEST_OBJECT_MS } from '#platform/syncs/sync-schedule';
import { readConfig } from '#runtime/config';
import { observe } from '#runtime/observability';
import { scheduledStage } from '#runtime/scheduled-stage';
import { storeConnections } from '#stores/store-connections';
import { reconcileConfig } from './config.ts';
import { dueEvery } from './due-every.ts';
import { reconcile } from './reconcile.ts';
import type { ReconcileDeps } from './reconcile-deps.ts';
import { reconcileStores } from './reconcile-stores.ts';

const MINUTE_MS = 60_000;
/** What the step under way needs to come to its end. */
const TIME_TO_END_MS = 5_000;

const { table, landingBucket, platformBucket, queueUrls } = readConfig(reconcileConfig);

const deps: ReconcileDeps = {
  ...reconcileStores(table, platformBucket),
  datasourceConnections: storeConnections(),
  landingBucket,
  ingestQueue: messageSender(queueUrls.ingest, ingestRequest),
  syncQueue: messageSender(queueUrls.sync, syncMessage),
  scheduleQueue: messageSender(queueUrls.schedule, scheduleCheckMessage),
  runQueue: messageSender(queueUrls.run, runMessage),
  completeQueue: messageSender(queueUrls.complete, completionMessage),
  jobQueue: messageSender(queueUrls.job, jobMessage),
  requests: requestMemory({ forMs: 60 * MINUTE_MS, most: 200_000 }, Date.now),
  describedBy: new Map(),
  youngestObjectMs: YOUNGEST_OBJECT_MS,
  longestTrialMs: MINUTE_MS / 2,
  telemetry: observe('reconcile').telemetry,
  now: Date.now,
  newId: () => newObjectId(Date.now()),
};
const isLong = dueEvery(6 * 60 * MINUTE_MS, Date.now);

export const handler = scheduledStage('reconcile', ({ remainingTimeMs }) =>
  reconcile({ isLong: isLong(), leftMs: () => remainingTimeMs() - TIME_TO_END_MS }, deps),
);
