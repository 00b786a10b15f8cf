import {
  datasetSyncKey,
  datasourceStateKey,
  datasourcesKey,
  heldEventsPartition,
} from './datasource-keys.ts';
import {
  childDatasetsPartition,
  embeddings2dPartition,
  embeddingsPartition,
  exportsPartition,
  intakeKey,
  metadataConfigurationsPartition,
  predictionsPartition,
  predictionTasksPartition,
  RAW_SAMPLE_SHARDS,
  rawSamplesPartition,
  runsPartition,
  sampleNamesPartition,
  samplesPartition,
  scheduledRunsPartition,
  scoresPartition,
  settingsConfigsPartition,
  tagNamesPartition,
  tagsPartition,
  unfinishedRunsPartition,
} from './table-keys.ts';

/** Where in the table a dataset's belongings are: what has to go with it. A new kind of item has to be named here. */

/** What is spread over shards as the raw samples are: its partitions of one dataset. */
export const inAllShards = (
  partitionOf: (datasetId: string, shard: number) => string,
  datasetId: string,
): string[] => Array.from({ length: RAW_SAMPLE_SHARDS }, (_, shard) => partitionOf(datasetId, shard));

/** Every partition that holds what belongs to one dataset and to nothing else. */
export const datasetPartitions = (datasetId: string): string[] => [
  ...inAllShards(rawSamplesPartition, datasetId),
  samplesPartition(datasetId),
  ...inAllShards(sampleNamesPartition, datasetId),
  tagsPartition(datasetId),
  tagNamesPartition(datasetId),
  exportsPartition(datasetId),
  embeddingsPartition(datasetId),
  embeddings2dPartition(datasetId),
  predictionsPartition(datasetId),
  predictionTasksPartition(datasetId),
  scoresPartition(datasetId),
  intakeKey(datasetId).pk,
  datasourcesKey(datasetId).pk,
  datasourceStateKey(datasetId).pk,
  datasetSyncKey(datasetId).pk,
  ...inAllShards(heldEventsPartition, datasetId),
  metadataConfigurationsPartition(datasetId),
  childDatasetsPartition(datasetId),
  unfinishedRunsPartition(datasetId),
];

/** Partitions of the first index whose items belong to one dataset, each with its whole partition of the table. */
export const datasetIndexPartitions = (datasetId: string): string[] => [
  runsPartition(datasetId),
  scheduledRunsPartition(datasetId),
  settingsConfigsPartition(datasetId),
];
