import { z } from 'zod';
import type { PredictionSingleton, PredictionTaskSchema } from './protocol/types.gen.ts';
import { milliseconds, objectId } from './schema.ts';
import { taskName } from './task-name.ts';

export type { PredictionSingleton, PredictionTaskSchema };

/** A text of an item, or the key of the object that has it where an item would be too small. */
const placedText = z.union([
  z.strictObject({ text: z.string() }),
  z.strictObject({ textKey: z.string().min(1) }),
]);
export type PlacedText = z.infer<typeof placedText>;

/**
 * A prediction task of a dataset. What it predicts is kept as the JSON of the protocol's `PredictionTaskSchema`,
 * which the contract has checked.
 */
export const predictionTask = z.strictObject({
  datasetId: objectId,
  name: taskName.min(1),
  schema: placedText,
  createdAt: milliseconds,
  lastModifiedAt: milliseconds,
});
export type PredictionTask = z.infer<typeof predictionTask>;

/** What one task predicts for one sample: JSON of a list of the protocol's `PredictionSingleton`. */
export const samplePredictions = z.strictObject({
  datasetId: objectId,
  index: z.int().nonnegative(),
  taskName: taskName.min(1),
  singletons: placedText,
  lastModifiedAt: milliseconds,
});
export type SamplePredictions = z.infer<typeof samplePredictions>;
