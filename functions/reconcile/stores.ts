import { datasetStore } from '#aws/dataset-store';
import { intakeStore } from '#aws/intake-store';
import { jobStore } from '#aws/job-store';
import { rawSampleStore } from '#aws/raw-sample-store';
import { runStore } from '#aws/run-store';
import { objectStore } from '#aws/s3-objects';
import { scheduledRunStore } from '#aws/scheduled-run-store';
import { openTable } from '#aws/table';

/** What reconcile reads, on AWS. */
export function reconcileStores(tableName: string) {
  const table = openTable(tableName);
  return {
    datasets: datasetStore(table),
    rawSamples: rawSampleStore(table),
    intake: intakeStore(table),
    scheduledRuns: scheduledRunStore(table),
    runs: runStore(table),
    jobs: jobStore(table),
    landing: objectStore(),
  };
}
