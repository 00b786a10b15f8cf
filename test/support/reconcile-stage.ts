import { jobStore } from '#aws/job-store';
import { runStore } from '#aws/run-store';
import { scheduledRunStore } from '#aws/scheduled-run-store';
import { sharedAccessStore } from '#aws/shared-access-store';
import { userStore } from '#aws/user-store';
import { workerStore } from '#aws/worker-store';
import type { JobMessage } from '#contracts/jobs';
import type { CompletionMessage, RunMessage, ScheduleCheckMessage } from '#contracts/messages';
import type { ReconcileObservation } from '#contracts/object-event';
import { newObjectId } from '#contracts/schema';
import type { ReconcileDeps } from '../../functions/reconcile/reconcile-deps.ts';
import type { IngestStage } from './ingest-stage.ts';
import { recordedQueue } from './recorded-queue.ts';
import { recordedTelemetry } from './recorded-telemetry.ts';

export const MINUTE = 60_000;

/** What reconcile works with, over the table and the buckets of an ingest stage; its queues are recorded. */
export function reconcileDepsOver(stage: IngestStage) {
  const { table, datasets, objects, buckets, clock } = stage;
  return {
    datasets,
    rawSamples: stage.deps.rawSamples,
    intake: stage.deps.intake,
    scheduledRuns: scheduledRunStore(table),
    runs: runStore(table),
    workers: workerStore(table),
    users: userStore(table),
    sharedAccess: sharedAccessStore(table),
    jobs: jobStore(table),
    landing: objects,
    landingBucket: buckets.landing,
    ingestQueue: recordedQueue<ReconcileObservation>(),
    scheduleQueue: recordedQueue<ScheduleCheckMessage>(),
    runQueue: recordedQueue<RunMessage>(),
    completeQueue: recordedQueue<CompletionMessage>(),
    jobQueue: recordedQueue<JobMessage>(),
    isNewRequest: () => true,
    describedBy: new Map(),
    youngestObjectMs: 2 * MINUTE,
    telemetry: recordedTelemetry(),
    now: () => clock.now,
    newId: () => newObjectId(clock.now),
  } satisfies ReconcileDeps;
}

/** For a round that has nothing to compare. */
export const EMPTY_BUCKET: ReconcileDeps['landing'] = {
  list: async function* () {},
  head: async () => ({ eTag: '', size: 0, lastModified: 0, metadata: {} }),
};
