import { datasetStore } from '#aws/dataset-store';
import { runStore } from '#aws/run-store';
import { messageSender } from '#aws/sqs-sender';
import { openTable } from '#aws/table';
import { archiveMessage, completionMessage, exportMessage } from '#contracts/messages';
import { parseJsonWith } from '#contracts/schema';
import { unlessDeleted } from '#platform/datasets/unless-deleted';
import { readConfig } from '#runtime/config';
import { observe } from '#runtime/observability';
import { sqsStage } from '#runtime/sqs-stage';
import { completeConfig } from './config.ts';
import { type FanOutDeps, fanOut } from './fan-out.ts';

const config = readConfig(completeConfig);
const table = openTable(config.table);

const deps: FanOutDeps = {
  datasets: datasetStore(table),
  runs: runStore(table),
  exportQueue: messageSender(config.exportQueueUrl, exportMessage),
  archiveQueue: messageSender(config.archiveQueueUrl, archiveMessage),
  telemetry: observe('complete').telemetry,
  now: Date.now,
};

export const handler = sqsStage('complete', (body) =>
  unlessDeleted(parseJsonWith(completionMessage, body, 'Completion message'), deps, (message) =>
    fanOut(message, deps),
  ),
);
