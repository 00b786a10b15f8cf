import { digest, shardOf, single, type TableKey } from './table-keys.ts';

/** Keys of what belongs to datasources and what comes of them, beside those in `table-keys.ts`. */

export const datasourcesKey = (datasetId: string): TableKey => single('DATASOURCES', datasetId);
/** An external ID is agreed in confidence, so a digest stands here. */
export const delegatedRoleKey = (arn: string, externalId: string): TableKey =>
  single('DELEGATED_ROLE', digest(JSON.stringify([arn, externalId])));
export const datasourceStateKey = (datasetId: string): TableKey => single('DATASOURCE_STATE', datasetId);
/** Datasets that have images in a bucket: its events are for them. */
export const inputBucketPartition = (bucket: string): string => `INPUT_BUCKET#${bucket}`;
export const inputBucketKey = (bucket: string, datasetId: string): TableKey => ({
  pk: inputBucketPartition(bucket),
  sk: datasetId,
});

export const datasetSyncKey = (datasetId: string): TableKey => single('SYNC', datasetId);
/** Events that ingest was not to work on, or could not. */
export const heldEventsPartition = (datasetId: string, shard: number): string => `HELD#${datasetId}#${shard}`;
export const heldEventKey = (datasetId: string, fileName: string): TableKey => ({
  pk: heldEventsPartition(datasetId, shardOf(fileName)),
  sk: fileName,
});
