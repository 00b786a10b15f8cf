import { datasetStore } from '#aws/dataset-store';
import { datasourceStateStore } from '#aws/datasource-state-store';
import { datasourceStore } from '#aws/datasource-store';
import { exportStore } from '#aws/export-store';
import { heldEventStore } from '#aws/held-event-store';
import { intakeStore } from '#aws/intake-store';
import { jobStore } from '#aws/job-store';
import { rawSampleStore } from '#aws/raw-sample-store';
import { runStore } from '#aws/run-store';
import { objectStore } from '#aws/s3-objects';
import { sampleAvailability } from '#aws/sample-availability';
import { scheduledRunStore } from '#aws/scheduled-run-store';
import { sharedAccessStore } from '#aws/shared-access-store';
import { syncStore } from '#aws/sync-store';
import { openTable } from '#aws/table';
import { tagStore } from '#aws/tag-store';
import { userStore } from '#aws/user-store';
import { workerStore } from '#aws/worker-store';

/** What reconcile reads, on AWS. */
export function reconcileStores(tableName: string, platformBucket: string) {
  const table = openTable(tableName);
  const objects = objectStore();
  return {
    datasets: datasetStore(table),
    rawSamples: rawSampleStore(table),
    intake: intakeStore(table),
    scheduledRuns: scheduledRunStore(table),
    runs: runStore(table),
    workers: workerStore(table),
    users: userStore(table),
    sharedAccess: sharedAccessStore(table),
    jobs: jobStore(table),
    syncs: syncStore(table),
    heldEvents: heldEventStore(table),
    datasources: datasourceStore(table),
    datasourceStates: datasourceStateStore(table),
    sampleAvailability: sampleAvailability(table),
    tags: tagStore(table, objects, platformBucket),
    exports: exportStore(table),
    landing: objects,
  };
}
