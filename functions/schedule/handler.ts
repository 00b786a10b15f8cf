import { datasetStore } from '#aws/dataset-store';
import { intakeStore } from '#aws/intake-store';
import { rawSampleStore } from '#aws/raw-sample-store';
import { scheduledRunStore } from '#aws/scheduled-run-store';
import { messageSender } from '#aws/sqs-sender';
import { openTable } from '#aws/table';
import { workerConfigStore } from '#aws/worker-config-store';
import { runMessage, scheduleCheckMessage } from '#contracts/messages';
import { newObjectId, parseJsonWith } from '#contracts/schema';
import { unlessDeleted } from '#platform/datasets/unless-deleted';
import { readConfig } from '#runtime/config';
import { observe } from '#runtime/observability';
import { sqsStage } from '#runtime/sqs-stage';
import { checkDataset, type ScheduleDeps } from './check-dataset.ts';
import { scheduleConfig } from './config.ts';

const config = readConfig(scheduleConfig);
const table = openTable(config.table);
const now = Date.now;

const deps: ScheduleDeps = {
  datasets: datasetStore(table),
  rawSamples: rawSampleStore(table),
  intake: intakeStore(table),
  workerConfigs: workerConfigStore(table),
  scheduledRuns: scheduledRunStore(table),
  runQueue: messageSender(config.runQueueUrl, runMessage),
  scheduleQueue: messageSender(config.scheduleQueueUrl, scheduleCheckMessage),
  telemetry: observe('schedule').telemetry,
  now,
  newId: () => newObjectId(now()),
};

export const handler = sqsStage('schedule', (body, { receiveCount }) =>
  unlessDeleted(parseJsonWith(scheduleCheckMessage, body, 'Schedule check message'), deps, (message) =>
    checkDataset(message, deps, { redelivered: receiveCount > 1 }),
  ),
);
