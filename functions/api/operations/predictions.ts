import { NotFoundError } from '#contracts/errors';
import type { PredictionSingleton, PredictionTaskSchema } from '#contracts/predictions';
import { derivedObjectId } from '#platform/derived-id';
import { listPredictions } from '#platform/predictions/list-predictions';
import { PREDICTIONS_VERSION } from '#platform/predictions/predictions';
import { recordPredictions, saveTaskSchema } from '#platform/predictions/record-predictions';
import { knownSampleIndex } from '#platform/samples/known-sample';
import type { ApiDeps } from '../api-deps.ts';
import { type Operations, RowStream } from '../operation.ts';

type PredictionsOperation =
  | 'get_predictions_by_dataset_id'
  | 'create_or_update_prediction_by_sample_id'
  | 'get_predictions_by_sample_id'
  | 'create_or_update_prediction_task_schema_by_dataset_id'
  | 'get_prediction_task_schemas_by_dataset_id'
  | 'get_prediction_task_schema_by_task_name';

export function predictionsOperations(
  deps: Pick<ApiDeps, 'predictions' | 'now'>,
): Operations<PredictionsOperation> {
  const { predictions } = deps;
  const knownTask = async (datasetId: string, name: string): Promise<PredictionTaskSchema> => {
    const schema = await predictions.getTask(datasetId, name);
    if (!schema) throw new NotFoundError('prediction task schema', name);
    return schema;
  };
  return {
    create_or_update_prediction_task_schema_by_dataset_id: async ({ dataset, body }) => {
      await saveTaskSchema(dataset.id, body, deps);
      return { id: derivedObjectId('prediction task', dataset.id, body.name) };
    },
    get_prediction_task_schemas_by_dataset_id: async ({ dataset }) => {
      const schemas = await Array.fromAsync(predictions.listTasks(dataset.id));
      return { predictionUUIDTimestamp: PREDICTIONS_VERSION, schemas };
    },
    get_prediction_task_schema_by_task_name: async ({ dataset, path }) =>
      knownTask(dataset.id, path.taskName),
    create_or_update_prediction_by_sample_id: async ({ dataset, path, body }) => {
      const index = knownSampleIndex(dataset, path.sampleId);
      await recordPredictions({ datasetId: dataset.id, index }, body, deps);
      return { id: path.sampleId };
    },
    get_predictions_by_sample_id: async ({ dataset, path }) => {
      const index = knownSampleIndex(dataset, path.sampleId);
      const found: PredictionSingleton[] = [];
      for await (const { singletons } of predictions.range(dataset.id, index, index + 1)) {
        found.push(...singletons);
      }
      return found;
    },
    get_predictions_by_dataset_id: async ({ dataset, query }) => {
      const { pageSize = dataset.sampleCount, pageOffset = 0, taskName, lean = false } = query;
      if (taskName !== undefined) await knownTask(dataset.id, taskName);
      const from = Math.min(pageOffset, dataset.sampleCount);
      const to = Math.min(from + pageSize, dataset.sampleCount);
      return new RowStream(listPredictions({ datasetId: dataset.id, from, to, taskName, lean }, predictions));
    },
  };
}
