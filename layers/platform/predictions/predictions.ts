import type { PredictionSingleton, PredictionTaskSchema } from '#contracts/predictions';
import type { ObjectId } from '#contracts/schema';

/**
 * Predictions have no versions: the protocol's `predictionUUIDTimestamp` is not looked at in requests, and is always
 * this in answers.
 */
export const PREDICTIONS_VERSION = 0;

/** What one task predicts for one sample. */
export interface TaskPredictions {
  /** Of the sample. */
  readonly index: number;
  readonly taskName: string;
  readonly singletons: readonly PredictionSingleton[];
}

/** Prediction tasks and what they predict, as they are kept. */
export interface PredictionStore {
  /** Creates the task of this name, or replaces its schema. */
  putTask(datasetId: ObjectId, schema: PredictionTaskSchema, at: number): Promise<void>;
  getTask(datasetId: ObjectId, name: string): Promise<PredictionTaskSchema | undefined>;
  /** By name. */
  listTasks(datasetId: ObjectId): AsyncIterable<PredictionTaskSchema>;
  /** Replaces what the task predicts for the sample. */
  put(datasetId: ObjectId, predictions: TaskPredictions, at: number): Promise<void>;
  /** Of samples by index from `from` (inclusive) to `to` (exclusive); by index, then by name of the task. */
  range(datasetId: ObjectId, from: number, to: number, taskName?: string): AsyncIterable<TaskPredictions>;
}
