import { artifactStore } from '#aws/artifact-store';
import { datasetStore } from '#aws/dataset-store';
import { rawSampleStore } from '#aws/raw-sample-store';
import { runStore } from '#aws/run-store';
import { objectStore } from '#aws/s3-objects';
import { sampleStore } from '#aws/sample-store';
import { scheduledRunStore } from '#aws/scheduled-run-store';
import { messageSender } from '#aws/sqs-sender';
import { openTable } from '#aws/table';
import { tagStore } from '#aws/tag-store';
import { workerConfigStore } from '#aws/worker-config-store';
import { completionMessage, runMessage } from '#contracts/messages';
import { parseJsonWith } from '#contracts/schema';
import { readConfig } from '#runtime/config';
import { observe } from '#runtime/observability';
import { sqsStage } from '#runtime/sqs-stage';
import { carryOutRun } from './carry-out-run.ts';
import { runConfig } from './config.ts';
import { repeatEvery } from './repeat-every.ts';

const { platformBucket, leaseSeconds, ...config } = readConfig(runConfig);
const table = openTable(config.table);
const objects = objectStore();
const stores = {
  datasets: datasetStore(table),
  rawSamples: rawSampleStore(table),
  samples: sampleStore(table),
  tags: tagStore(table, objects, platformBucket),
  workerConfigs: workerConfigStore(table),
  scheduledRuns: scheduledRunStore(table),
  runs: runStore(table),
  artifacts: artifactStore(table),
};
const runQueue = messageSender(config.runQueueUrl, runMessage);
const completionQueue = messageSender(config.completionQueueUrl, completionMessage);
const { telemetry } = observe('run');
const world = { objects, runQueue, completionQueue, telemetry, now: Date.now, repeat: repeatEvery };
const deps = { ...stores, ...world, platformBucket, leaseSeconds };

export const handler = sqsStage('run', (body) =>
  carryOutRun(parseJsonWith(runMessage, body, 'Run message'), deps),
);
