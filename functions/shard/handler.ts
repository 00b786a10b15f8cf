import { datasetStore } from '#aws/dataset-store';
import { objectStore } from '#aws/s3-objects';
import { openTable } from '#aws/table';
import { shardMessage } from '#contracts/messages';
import { parseJsonWith } from '#contracts/schema';
import { unlessDeleted } from '#platform/datasets/unless-deleted';
import { readConfig } from '#runtime/config';
import { observe } from '#runtime/observability';
import { sqsStage } from '#runtime/sqs-stage';
import { shardConfig } from './config.ts';
import { type ShardDeps, selectInShard } from './select-in-shard.ts';

const { table, platformBucket } = readConfig(shardConfig);

const deps: ShardDeps = {
  datasets: datasetStore(openTable(table)),
  objects: objectStore(),
  telemetry: observe('shard').telemetry,
  platformBucket,
};

export const handler = sqsStage('shard', (body) =>
  unlessDeleted(parseJsonWith(shardMessage, body, 'Shard message'), deps, (message) =>
    selectInShard(message, deps),
  ),
);
