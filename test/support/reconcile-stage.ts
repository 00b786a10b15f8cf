import { exportStore } from '#aws/export-store';
import { jobStore } from '#aws/job-store';
import { runStore } from '#aws/run-store';
import { sampleAvailability } from '#aws/sample-availability';
import { scheduledRunStore } from '#aws/scheduled-run-store';
import { sharedAccessStore } from '#aws/shared-access-store';
import { tagStore } from '#aws/tag-store';
import { userStore } from '#aws/user-store';
import { workerStore } from '#aws/worker-store';
import type { JobMessage } from '#contracts/jobs';
import type { CompletionMessage, RunMessage, ScheduleCheckMessage } from '#contracts/messages';
import type { IngestRequest } from '#contracts/object-event';
import { newObjectId } from '#contracts/schema';
import type { SyncMessage } from '#contracts/syncs';
import { syncMemory } from '#platform/syncs/sync-memory';
import { reconcile } from '../../functions/reconcile/reconcile.ts';
import type { ReconcileDeps } from '../../functions/reconcile/reconcile-deps.ts';
import type { Round } from '../../functions/reconcile/round.ts';
import { syncDataset } from '../../functions/sync/sync-dataset.ts';
import { type SyncDeps, USUAL_LIMITS } from '../../functions/sync/sync-deps.ts';
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
    syncs: stage.stores.syncs,
    heldEvents: stage.stores.heldEvents,
    datasources: stage.stores.datasources,
    datasourceStates: stage.stores.states,
    datasourceConnections: stage.deps.datasourceConnections,
    sampleAvailability: sampleAvailability(table),
    tags: tagStore(table, objects, buckets.platform),
    exports: exportStore(table),
    landing: objects,
    landingBucket: buckets.landing,
    ingestQueue: recordedQueue<IngestRequest>(),
    syncQueue: recordedQueue<SyncMessage>(),
    scheduleQueue: recordedQueue<ScheduleCheckMessage>(),
    runQueue: recordedQueue<RunMessage>(),
    completeQueue: recordedQueue<CompletionMessage>(),
    jobQueue: recordedQueue<JobMessage>(),
    requests: { isNew: () => true, note: () => {} },
    describedBy: new Map(),
    youngestObjectMs: 2 * MINUTE,
    longestTrialMs: MINUTE / 2,
    telemetry: recordedTelemetry(),
    now: () => clock.now,
    newId: () => newObjectId(clock.now),
  } satisfies ReconcileDeps;
}

/** For a round that has no folder to look at. */
export const EMPTY_BUCKET: ReconcileDeps['landing'] = {
  list: async function* () {},
  listFolders: async function* () {},
};

/** What the stage sync works with, over the same table and buckets, for what reconcile asks of it. */
function syncDepsOver(stage: IngestStage, reconciled: ReturnType<typeof reconcileDepsOver>): SyncDeps {
  const { datasources, datasourceStates, datasourceConnections, syncs, heldEvents } = reconciled;
  const { datasets, ingestQueue, syncQueue, telemetry, now, newId, youngestObjectMs } = reconciled;
  return {
    ...{ datasets, datasources, datasourceConnections, syncs, heldEvents, ingestQueue, syncQueue },
    ...{ states: datasourceStates, rawSamples: stage.deps.rawSamples, telemetry, now, newId },
    memory: syncMemory({ objects: stage.objects, platformBucket: stage.buckets.platform }),
    ingestBacklog: async () => 0,
    requests: { isNew: () => true, note: () => {} },
    limits: { ...USUAL_LIMITS, youngestObjectMs },
  };
}

/** A round of reconcile, and the syncs that it asks for, until nothing is left to do but by ingest. */
export async function reconcileAndSync(
  round: Round,
  stage: IngestStage,
  deps: ReturnType<typeof reconcileDepsOver>,
): Promise<void> {
  await reconcile(round, deps);
  for (let asked = deps.syncQueue.take(); asked.length > 0; asked = deps.syncQueue.take()) {
    for (const { message } of asked) await syncDataset(message, () => false, syncDepsOver(stage, deps));
  }
}
