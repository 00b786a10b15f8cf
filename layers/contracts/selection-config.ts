import { z } from 'zod';
import { objectId } from './schema.ts';
import { tagName } from './tags.ts';
import { taskName } from './task-name.ts';

/** Source: `SelectionConfigV4` and its parts in the wire protocol. Keys are as on the wire. */

const selectionInput = z.strictObject({
  type: z.enum(['EMBEDDINGS', 'SCORES', 'METADATA', 'PREDICTIONS', 'RANDOM']),
  task: taskName.optional(),
  score: taskName.min(1).optional(),
  /** Dotted path, for example `lightly.sharpness`. */
  key: z.string().min(1).optional(),
  name: z.enum(['CLASS_DISTRIBUTION', 'CATEGORY_COUNT']).optional(),
  datasetId: objectId.optional(),
  tagName: tagName.optional(),
  randomSeed: z.int().optional(),
  categories: z.array(z.string().min(1)).min(1).optional(),
});
export type SelectionInput = z.infer<typeof selectionInput>;

const selectionStrategy = z.strictObject({
  type: z.enum(['DIVERSITY', 'WEIGHTS', 'THRESHOLD', 'BALANCE', 'SIMILARITY', 'TYPICALITY']),
  /** Snake case on the wire in every version. Euclidean distance, 0 to 2 for unit vectors. */
  stopping_condition_minimum_distance: z.number().optional(),
  threshold: z.number().optional(),
  operation: z.enum(['SMALLER', 'SMALLER_EQUAL', 'BIGGER', 'BIGGER_EQUAL']).optional(),
  /** Share of each class. */
  target: z.record(z.string(), z.number().min(0)).optional(),
  numNearestNeighbors: z.int().min(2).optional(),
  stoppingConditionMinimumTypicality: z.number().positive().optional(),
  strength: z.number().min(-1e9).max(1e9).optional(),
  stoppingConditionMaxSum: z.number().nonnegative().optional(),
  targetRange: z
    .strictObject({ minSum: z.number().nonnegative(), maxSum: z.number().nonnegative() })
    .optional(),
  distribution: z.enum(['TARGET', 'UNIFORM', 'INPUT']).optional(),
});
export type SelectionStrategy = z.infer<typeof selectionStrategy>;

export const selectionEntry = z.strictObject({ input: selectionInput, strategy: selectionStrategy });
export type SelectionEntry = z.infer<typeof selectionEntry>;

/** A box as shares of the width and height of the upright image: x and y of two opposite corners. */
const relativeBox = z.tuple([
  z.number().min(0).max(1),
  z.number().min(0).max(1),
  z.number().min(0).max(1),
  z.number().min(0).max(1),
]);

/** Parts of each image that the worker cuts out by itself; EMBEDDINGS can name them as a task. */
const autoTask = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('TILING'),
    name: taskName.min(1),
    numRows: z.int().min(1),
    numCols: z.int().min(1),
    /** Share of a tile that it has in common with its neighbour. */
    overlap: z.number().min(0).lt(1, 'neighbours share less than a whole tile').default(0),
  }),
  z.strictObject({ type: z.literal('CROP'), name: taskName.min(1), bboxs: z.array(relativeBox).min(1) }),
]);
export type AutoTask = z.infer<typeof autoTask>;

export const selectionConfig = z
  .strictObject({
    /** -1 means not set. */
    nSamples: z.int().min(-1).optional(),
    proportionSamples: z.number().min(0).max(1).optional(),
    strategies: z.array(selectionEntry).min(1),
    /** Its named groups, matched against the file name, are metadata of each image. */
    lightlyPathRegex: z.string().min(1).optional(),
    autoTasks: z.array(autoTask).optional(),
  })
  .refine((config) => isSet(config.nSamples) !== (config.proportionSamples !== undefined), {
    message: 'give exactly one of nSamples and proportionSamples',
    path: ['nSamples'],
  });
export type SelectionConfig = z.infer<typeof selectionConfig>;

const isSet = (nSamples: number | undefined): boolean => nSamples !== undefined && nSamples !== -1;

/** What is selected where nothing is configured: a tenth, at least one, as different from each other as can be. */
export const DEFAULT_SELECTION: SelectionConfig = {
  proportionSamples: 0.1,
  strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }],
};
