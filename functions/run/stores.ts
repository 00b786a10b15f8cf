import { artifactStore } from '#aws/artifact-store';
import { datasetStore } from '#aws/dataset-store';
import { datasourceStateStore } from '#aws/datasource-state-store';
import { datasourceStore } from '#aws/datasource-store';
import { rawSampleStore } from '#aws/raw-sample-store';
import { runLogStore } from '#aws/run-log-store';
import { runStore } from '#aws/run-store';
import { sampleAvailability } from '#aws/sample-availability';
import { sampleStore } from '#aws/sample-store';
import { scheduledRunStore } from '#aws/scheduled-run-store';
import { sharedAccessStore } from '#aws/shared-access-store';
import { syncStore } from '#aws/sync-store';
import type { Table } from '#aws/table';
import { tagStore } from '#aws/tag-store';
import { userStore } from '#aws/user-store';
import { workerConfigStore } from '#aws/worker-config-store';
import { workerStore } from '#aws/worker-store';
import type { WritableObjectStore } from '#platform/objects/objects';

/**
 * The stores that a run reads and writes.
 * @param now ms
 */
export const runStores = (
  table: Table,
  objects: WritableObjectStore,
  platformBucket: string,
  now: () => number = Date.now,
) => ({
  datasets: datasetStore(table, now),
  datasources: datasourceStore(table),
  datasourceStates: datasourceStateStore(table),
  syncs: syncStore(table),
  rawSamples: rawSampleStore(table),
  samples: sampleStore(table),
  sampleAvailability: sampleAvailability(table),
  tags: tagStore(table, objects, platformBucket),
  workerConfigs: workerConfigStore(table),
  scheduledRuns: scheduledRunStore(table),
  runs: runStore(table),
  artifacts: artifactStore(table),
  runLogs: runLogStore(table),
  workers: workerStore(table),
  users: userStore(table),
  sharedAccess: sharedAccessStore(table),
});
