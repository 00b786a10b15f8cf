import {
  type PredictionSingleton,
  type PredictionTask,
  type PredictionTaskSchema,
  predictionTask,
  type SamplePredictions,
  samplePredictions,
} from '#contracts/predictions';
import { predictionsObjectKey, predictionTaskObjectKey } from '#contracts/s3-keys';
import {
  predictionsKey,
  predictionsPartition,
  predictionsSortPrefix,
  predictionTaskKey,
  predictionTasksPartition,
} from '#contracts/table-keys';
import type { PredictionStore, TaskPredictions } from '#platform/predictions/predictions';
import { dynamo } from './expression.ts';
import { placeText, readPlacedText, type TextObjects } from './placed-text.ts';
import { itemCodec, type StoredItem } from './stored-item.ts';
import { getItem, putItem, type Table } from './table.ts';
import { decodedItems, itemsOf, readPages, withPrefix } from './table-reads.ts';

const taskCodec = itemCodec<PredictionTask>('prediction task', predictionTask);
const predictionsCodec = itemCodec<SamplePredictions>('predictions of a sample', samplePredictions);

/** Predictions in the table, long ones in the platform bucket: one item for each sample and task. */
export function predictionStore(table: Table, texts: TextObjects): PredictionStore {
  return {
    putTask: async (datasetId, schema, at) => {
      const { name } = schema;
      const text = JSON.stringify(schema);
      const placed = await placeText(texts, text, predictionTaskObjectKey(datasetId, name));
      const task = { datasetId, name, schema: placed, createdAt: at, lastModifiedAt: at };
      await putItem(table, taskCodec.encode(task, predictionTaskKey(datasetId, name)));
    },
    getTask: async (datasetId, name) => {
      if (name === '') return undefined;
      const item = await getItem(table, predictionTaskKey(datasetId, name));
      return item && readSchema(texts, item);
    },
    listTasks: async function* (datasetId) {
      const range = { partition: predictionTasksPartition(datasetId) };
      for await (const item of itemsOf(readPages(table, range))) yield readSchema(texts, item);
    },
    put: async (datasetId, { index, taskName, singletons }, at) => {
      const text = JSON.stringify(singletons);
      const placed = await placeText(texts, text, predictionsObjectKey(datasetId, index, taskName));
      const stored = { datasetId, index, taskName, singletons: placed, lastModifiedAt: at };
      await putItem(table, predictionsCodec.encode(stored, predictionsKey(datasetId, index, taskName)));
    },
    range: (datasetId, from, to, taskName) =>
      readPredictions(table, texts, { datasetId, from, to, taskName }),
  };
}

async function readSchema(texts: TextObjects, item: StoredItem): Promise<PredictionTaskSchema> {
  return JSON.parse(await readPlacedText(texts, taskCodec.decode(item).schema)) as PredictionTaskSchema;
}

interface PredictionRange {
  readonly datasetId: string;
  readonly from: number;
  readonly to: number;
  readonly taskName: string | undefined;
}

async function* readPredictions(
  table: Table,
  texts: TextObjects,
  { datasetId, from, to, taskName }: PredictionRange,
): AsyncGenerator<TaskPredictions> {
  if (to <= from) return;
  const range = {
    partition: predictionsPartition(datasetId),
    from: withPrefix(predictionsSortPrefix(from)).from,
    to: withPrefix(predictionsSortPrefix(to - 1)).to,
  };
  const ofTask = taskName === undefined ? undefined : dynamo`#taskName = ${taskName}`;
  const pages = readPages(table, range, ofTask);
  for await (const { index, taskName, singletons } of decodedItems(predictionsCodec, pages)) {
    const text = await readPlacedText(texts, singletons);
    yield { index, taskName, singletons: JSON.parse(text) as PredictionSingleton[] };
  }
}
