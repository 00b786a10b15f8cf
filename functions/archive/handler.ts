import { artifactStore } from '#aws/artifact-store';
import { datasetStore } from '#aws/dataset-store';
import { runStore } from '#aws/run-store';
import { objectStore } from '#aws/s3-objects';
import { openTable } from '#aws/table';
import { archiveMessage } from '#contracts/messages';
import { parseJsonWith } from '#contracts/schema';
import { unlessDeleted } from '#platform/datasets/unless-deleted';
import { readConfig } from '#runtime/config';
import { observe } from '#runtime/observability';
import { sqsStage } from '#runtime/sqs-stage';
import { type ArchiveDeps, archiveRun } from './archive-run.ts';
import { archiveConfig } from './config.ts';

const { table: tableName, platformBucket, archiveBucket } = readConfig(archiveConfig);
const table = openTable(tableName);

const deps: ArchiveDeps = {
  datasets: datasetStore(table),
  runs: runStore(table),
  artifacts: artifactStore(table),
  objects: objectStore(),
  telemetry: observe('archive').telemetry,
  platformBucket,
  archiveBucket,
  now: Date.now,
};

export const handler = sqsStage('archive', (body) =>
  unlessDeleted(parseJsonWith(archiveMessage, body, 'Archive message'), deps, (message) =>
    archiveRun(message, deps),
  ),
);
