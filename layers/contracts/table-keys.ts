import { createHash } from 'node:crypto';

/**
 * Keys of the one DynamoDB table; those of users, tokens and shares are in `access-keys.ts`, those of datasources and
 * syncs in `datasource-keys.ts`. Nobody else builds one.
 *
 * `pk`/`sk` are the primary key. `gsi1pk`/`gsi1sk` are the sparse index `gsi1`: an item is in it only while it has
 * both. A sort key holds at most 1,024 bytes, which is also the longest S3 key, so a file name stands there alone.
 */
export interface TableKey {
  readonly pk: string;
  readonly sk: string;
}
export interface IndexKey {
  readonly gsi1pk: string;
  readonly gsi1sk: string;
}
export const INDEX_NAME = 'gsi1';
/** A second sparse index, `gsi2`, for what is listed in two ways: by dataset in the first, all of them in this one. */
export interface SecondIndexKey {
  readonly gsi2pk: string;
  readonly gsi2sk: string;
}
export const SECOND_INDEX_NAME = 'gsi2';

/** No hot partition at a thousand registrations a second. */
export const RAW_SAMPLE_SHARDS = 16;

export const single = (kind: string, id: string): TableKey => ({ pk: `${kind}#${id}`, sk: kind });
const sortable = (at: number): string => String(at).padStart(13, '0');
export const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
export const shardOf = (fileName: string): number =>
  Number.parseInt(digest(fileName).slice(0, 4), 16) % RAW_SAMPLE_SHARDS;

export const datasetKey = (id: string): TableKey => single('DATASET', id);
export const datasetNameKey = (name: string): TableKey => single('DATASET_NAME', name);
export const datasetsIndexKey = (createdAt: number, id: string): IndexKey => ({
  gsi1pk: 'DATASETS',
  gsi1sk: `${sortable(createdAt)}#${id}`,
});
/** Datasets that are being deleted; they are in no other index. */
export const deletedDatasetsIndexKey = (deletedAt: number, id: string): IndexKey => ({
  gsi1pk: 'DELETED_DATASETS',
  gsi1sk: `${sortable(deletedAt)}#${id}`,
});
export const ownedDatasetsPartition = (userId: string): string => `DATASETS#${userId}`;
export const ownedDatasetsIndexKey = (userId: string, createdAt: number, id: string): SecondIndexKey => ({
  gsi2pk: ownedDatasetsPartition(userId),
  gsi2sk: `${sortable(createdAt)}#${id}`,
});
export const childDatasetsPartition = (parentId: string): string => `CHILDREN#${parentId}`;
export const childDatasetKey = (parentId: string, id: string): TableKey => ({
  pk: childDatasetsPartition(parentId),
  sk: id,
});

export const metadataConfigurationsPartition = (datasetId: string): string => `METADATA_CONFIGS#${datasetId}`;
export const metadataConfigurationKey = (datasetId: string, id: string): TableKey => ({
  pk: metadataConfigurationsPartition(datasetId),
  sk: id,
});

export const rawSamplesPartition = (datasetId: string, shard: number): string => `RAW#${datasetId}#${shard}`;
export const rawSampleKey = (datasetId: string, fileName: string): TableKey => ({
  pk: rawSamplesPartition(datasetId, shardOf(fileName)),
  sk: fileName,
});
/** Only raw samples that no run has read are here, oldest first. */
export const pendingPartition = (datasetId: string, shard: number): string => `PENDING#${datasetId}#${shard}`;
/** Sorts after every pending raw sample that was registered up to `registeredAt`. */
export const pendingUpperBound = (registeredAt: number): string => `${sortable(registeredAt)}#~`;
/** A file name may fill 1,024 bytes, so its digest stands here. */
export const pendingIndexKey = (datasetId: string, fileName: string, registeredAt: number): IndexKey => ({
  gsi1pk: pendingPartition(datasetId, shardOf(fileName)),
  gsi1sk: `${sortable(registeredAt)}#${digest(fileName).slice(0, 16)}`,
});

/** Raw samples that were written since a run settled them last, and that no run has to read: deleted ones, for example. */
export const changedPartition = (datasetId: string, shard: number): string => `CHANGED#${datasetId}#${shard}`;
export const changedIndexKey = (datasetId: string, fileName: string, registeredAt: number): IndexKey => ({
  gsi1pk: changedPartition(datasetId, shardOf(fileName)),
  gsi1sk: `${sortable(registeredAt)}#${digest(fileName).slice(0, 16)}`,
});

export const samplesPartition = (datasetId: string): string => `SAMPLES#${datasetId}`;
/** Ten digits hold more samples than a bit mask could. */
export const sampleSortKey = (index: number): string => String(index).padStart(10, '0');
export const sampleKey = (datasetId: string, index: number): TableKey => ({
  pk: samplesPartition(datasetId),
  sk: sampleSortKey(index),
});
/** Samples whose image is gone, by index. */
export const unavailableSamplesPartition = (datasetId: string): string => `UNAVAILABLE#${datasetId}`;
export const unavailableSamplesIndexKey = (datasetId: string, index: number): IndexKey => ({
  gsi1pk: unavailableSamplesPartition(datasetId),
  gsi1sk: sampleSortKey(index),
});
export const sampleNamesPartition = (datasetId: string, shard: number): string =>
  `SAMPLE_NAMES#${datasetId}#${shard}`;
export const sampleNameKey = (datasetId: string, fileName: string): TableKey => ({
  pk: sampleNamesPartition(datasetId, shardOf(fileName)),
  sk: fileName,
});

export const tagsPartition = (datasetId: string): string => `TAGS#${datasetId}`;
export const tagKey = (datasetId: string, tagId: string): TableKey => ({
  pk: tagsPartition(datasetId),
  sk: tagId,
});
export const tagNamesPartition = (datasetId: string): string => `TAG_NAMES#${datasetId}`;
export const tagNameKey = (datasetId: string, name: string): TableKey => ({
  pk: tagNamesPartition(datasetId),
  sk: name,
});

export const intakeKey = (datasetId: string): TableKey => single('INTAKE', datasetId);
export const workerConfigKey = (id: string): TableKey => single('WORKER_CONFIG', id);
export const workerConfigsPartition = (userId: string): string => `WORKER_CONFIGS#${userId}`;
export const workerConfigsIndexKey = (userId: string, createdAt: number, id: string): SecondIndexKey => ({
  gsi2pk: workerConfigsPartition(userId),
  gsi2sk: `${sortable(createdAt)}#${id}`,
});
/** Those that are made of a dataset's settings. */
export const settingsConfigsPartition = (datasetId: string): string => `SETTINGS_CONFIGS#${datasetId}`;
export const settingsConfigsIndexKey = (datasetId: string, id: string): IndexKey => ({
  gsi1pk: settingsConfigsPartition(datasetId),
  gsi1sk: id,
});

export const WORKERS_PARTITION = 'WORKERS';
export const workerKey = (id: string): TableKey => ({ pk: WORKERS_PARTITION, sk: id });

export const scheduledRunKey = (id: string): TableKey => single('SCHEDULED_RUN', id);
export const scheduledRunsPartition = (datasetId: string): string => `SCHEDULED_RUNS#${datasetId}`;
export const scheduledRunsIndexKey = (datasetId: string, createdAt: number, id: string): IndexKey => ({
  gsi1pk: scheduledRunsPartition(datasetId),
  gsi1sk: `${sortable(createdAt)}#${id}`,
});
/** One for each scheduled run of a dataset that is OPEN or LOCKED, so that these are read as they are. */
export const unfinishedRunsPartition = (datasetId: string): string => `UNFINISHED_RUNS#${datasetId}`;
export const unfinishedRunKey = (datasetId: string, id: string): TableKey => ({
  pk: unfinishedRunsPartition(datasetId),
  sk: id,
});
export const ALL_SCHEDULED_RUNS_PARTITION = 'SCHEDULED_RUNS';
export const UNFINISHED_SORT_PREFIX = '0#';
export const FINISHED_SORT_PREFIX = '1#';
/** @param at of an unfinished one when it was made, of a finished one when it ended */
export const allScheduledRunsIndexKey = (
  prefix: typeof UNFINISHED_SORT_PREFIX | typeof FINISHED_SORT_PREFIX,
  at: number,
  id: string,
): SecondIndexKey => ({
  gsi2pk: ALL_SCHEDULED_RUNS_PARTITION,
  gsi2sk: `${prefix}${sortable(at)}#${id}`,
});

export const runKey = (id: string): TableKey => single('RUN', id);
export const runsPartition = (datasetId: string): string => `RUNS#${datasetId}`;
export const runsIndexKey = (datasetId: string, createdAt: number, id: string): IndexKey => ({
  gsi1pk: runsPartition(datasetId),
  gsi1sk: `${sortable(createdAt)}#${id}`,
});
export const ALL_RUNS_PARTITION = 'RUNS';
/** Tells whose a run is and of which dataset, so that a list need not read the runs that it leaves out. */
export const allRunsIndexKey = (run: RunIndexEntry & { readonly createdAt: number }): SecondIndexKey => ({
  gsi2pk: ALL_RUNS_PARTITION,
  gsi2sk: [sortable(run.createdAt), run.id, run.userId, run.datasetId ?? ''].join('#'),
});
export interface RunIndexEntry {
  readonly id: string;
  readonly userId: string;
  readonly datasetId?: string | undefined;
}
export function runIndexEntry(gsi2sk: string): RunIndexEntry {
  const [, id = '', userId = '', datasetId = ''] = gsi2sk.split('#');
  return { id, userId, ...(datasetId !== '' && { datasetId }) };
}
export const runIdOfIndexKey = (gsi1sk: string): string => gsi1sk.split('#')[1] ?? '';
export const ARTIFACT_SORT_PREFIX = 'ARTIFACT#';
export const artifactKey = (runId: string, fileName: string): TableKey => ({
  pk: runKey(runId).pk,
  sk: `${ARTIFACT_SORT_PREFIX}${fileName}`,
});
/** Artifacts of a run that is carried out by another worker than the built-in one. */
export const UPLOAD_SORT_PREFIX = 'UPLOAD#';
export const uploadKey = (runId: string, fileName: string): TableKey => ({
  pk: runKey(runId).pk,
  sk: `${UPLOAD_SORT_PREFIX}${fileName}`,
});
export const LOG_SORT_PREFIX = 'LOG#';
/** @param firstLine number of lines before it */
export const logKey = (runId: string, firstLine: number): TableKey => ({
  pk: runKey(runId).pk,
  sk: `${LOG_SORT_PREFIX}${String(firstLine).padStart(12, '0')}`,
});

export const exportsPartition = (datasetId: string): string => `EXPORTS#${datasetId}`;
export const exportSortPrefix = (runId: string): string => `${runId}#`;
export const exportKey = (datasetId: string, runId: string, format: string): TableKey => ({
  pk: exportsPartition(datasetId),
  sk: `${exportSortPrefix(runId)}${format}`,
});

export const embeddingsPartition = (datasetId: string): string => `EMBEDDINGS#${datasetId}`;
export const embeddingKey = (datasetId: string, id: string): TableKey => ({
  pk: embeddingsPartition(datasetId),
  sk: id,
});
export const embeddings2dPartition = (datasetId: string): string => `EMBEDDINGS_2D#${datasetId}`;
export const embedding2dSortPrefix = (embeddingId: string): string => `${embeddingId}#`;
export const embedding2dKey = (datasetId: string, embeddingId: string, id: string): TableKey => ({
  pk: embeddings2dPartition(datasetId),
  sk: `${embedding2dSortPrefix(embeddingId)}${id}`,
});

export const predictionTasksPartition = (datasetId: string): string => `PREDICTION_TASKS#${datasetId}`;
export const predictionTaskKey = (datasetId: string, name: string): TableKey => ({
  pk: predictionTasksPartition(datasetId),
  sk: name,
});
export const predictionsPartition = (datasetId: string): string => `PREDICTIONS#${datasetId}`;
/** Predictions of one sample, and of a range of samples, lie together. */
export const predictionsSortPrefix = (index: number): string => `${sampleSortKey(index)}#`;
export const predictionsKey = (datasetId: string, index: number, taskName: string): TableKey => ({
  pk: predictionsPartition(datasetId),
  sk: `${predictionsSortPrefix(index)}${taskName}`,
});

export const scoresPartition = (datasetId: string): string => `SCORES#${datasetId}`;
/** What the scores belong to: a tag, or a task of the whole dataset. */
export const tagScoresSortPrefix = (tagId: string): string => `TAG#${tagId}#`;
export const TASK_SCORES_SORT_PREFIX = 'TASK#';
export const scoresKey = (datasetId: string, sortPrefix: string, id: string): TableKey => ({
  pk: scoresPartition(datasetId),
  sk: sortPrefix + id,
});

export const jobKey = (id: string): TableKey => single('JOB', id);
export const jobsPartition = (userId: string): string => `JOBS#${userId}`;
export const jobsIndexKey = (userId: string, id: string): IndexKey => ({
  gsi1pk: jobsPartition(userId),
  gsi1sk: id,
});
