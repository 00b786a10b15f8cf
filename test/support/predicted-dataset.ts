import type { PredictionSingleton, PredictionTaskSchema } from '#contracts/predictions';
import { sampleIdOf } from '#platform/samples/sample-id';
import type { ApiWorld } from './api-world.ts';
import { datasetWithSamples } from './dataset-with-samples.ts';

export const CATEGORIES = [
  { id: 0, name: 'dog' },
  { id: 1, name: 'cat' },
];
export const schemaOf = (
  name: string,
  type: 'CLASSIFICATION' | 'OBJECT_DETECTION' | 'SEMANTIC_SEGMENTATION' = 'OBJECT_DETECTION',
): PredictionTaskSchema => ({ name, type, categories: CATEGORIES });
export const boxOf = (taskName: string, categoryId: number): PredictionSingleton => ({
  type: 'OBJECT_DETECTION',
  taskName,
  categoryId,
  score: 0.5,
  bbox: [0, 1, 2.5, 3],
  probabilities: [0.5, 0.5],
});
export const classOf = (taskName: string, categoryId: number): PredictionSingleton => ({
  type: 'CLASSIFICATION',
  taskName,
  categoryId,
  score: 1,
});

export async function datasetWithTasks(world: ApiWorld, samples: number, ...schemas: PredictionTaskSchema[]) {
  const dataset = await datasetWithSamples(world, samples);
  const path = { datasetId: dataset.id };
  for (const body of schemas) {
    await world.call('create_or_update_prediction_task_schema_by_dataset_id', { path, body });
  }
  const predict = (index: number, body: PredictionSingleton[]) =>
    world.call('create_or_update_prediction_by_sample_id', {
      path: { ...path, sampleId: sampleIdOf(dataset.id, index) },
      body,
    });
  const predicted = (index: number) =>
    world.call('get_predictions_by_sample_id', {
      path: { ...path, sampleId: sampleIdOf(dataset.id, index) },
    });
  return { dataset, path, predict, predicted };
}
