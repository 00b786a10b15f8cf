import { z } from 'zod';
import { VALUE_DATA_TYPES } from './metadata-configurations.ts';
import { taskName } from './task-name.ts';

/**
 * Files that users put below `.lightly/` of a dataset's LIGHTLY datasource, as the protocol's programs read them. What is
 * known must be right; keys that nobody asks for are left out, for people's tools write notes of their own.
 */

/** `.lightly/predictions/tasks.json` */
export const tasksFile = z.array(taskName.min(1));

const category = z.object({
  id: z.int().nonnegative(),
  name: z.string().min(1),
  keypoint_names: z.array(z.string().min(1)).optional(),
  keypoint_skeleton: z.array(z.tuple([z.int().nonnegative(), z.int().nonnegative()])).optional(),
});

/** `.lightly/predictions/<task>/schema.json` */
export const taskSchemaFile = z.object({
  task_type: z.enum([
    'classification',
    'object-detection',
    'semantic-segmentation',
    'instance-segmentation',
    'keypoint-detection',
  ]),
  categories: z.array(category).min(1),
});
export type TaskSchemaFile = z.infer<typeof taskSchemaFile>;

/** From 0 to 1. */
const share = z.number().min(0).max(1);

/**
 * A list of numbers, as it was parsed: there are millions of them in a run, and a copy of each takes twice the memory.
 * @param expected what they have to be, for people
 */
const numbers = (expected: string, fits: (list: readonly number[]) => boolean) =>
  z.custom<number[]>(
    (list) =>
      Array.isArray(list) && list.every((value) => Number.isFinite(value) && value >= 0) && fits(list),
    `expected ${expected}`,
  );
const probabilities = numbers('numbers from 0 to 1', (list) => list.every((value) => value <= 1));
const box = numbers('x, y, width and height, none of them negative', ({ length }) => length === 4);
const runLengths = numbers('whole numbers, none of them negative', (list) => list.every(Number.isInteger));
const keypoints = numbers(
  'x, y and confidence of each keypoint, none of them negative',
  ({ length }) => length > 0 && length % 3 === 0,
);

/** One object, or what is said of the image as a whole; which of the shapes there must be, the type of the task says. */
const filePrediction = z.object({
  category_id: z.int().nonnegative(),
  /** May be left out where there are probabilities: then it is that of the category. */
  score: share.optional(),
  /** One for each category of the task, in its order. */
  probabilities: probabilities.optional(),
  /** In pixels. */
  bbox: box.optional(),
  /** Run lengths, row by row; the first run is of pixels outside. */
  segmentation: runLengths.optional(),
  keypoints: keypoints.optional(),
});
export type FilePrediction = z.infer<typeof filePrediction>;

/** `.lightly/predictions/<task>/<image without extension>.json` */
export const predictionFile = z.object({
  file_name: z.string().min(1).optional(),
  predictions: z.array(filePrediction),
});

/** `.lightly/metadata/schema.json` */
export const metadataSchemaFile = z.array(
  z.object({
    name: z.string().optional(),
    /** Dotted. */
    path: z.string().min(1),
    defaultValue: z.unknown(),
    valueDataType: z.enum(VALUE_DATA_TYPES),
  }),
);

/** `.lightly/metadata/<image without extension>.json`, or of a video, whose frames it is about. */
export const metadataFile = z.object({
  file_name: z.string().min(1).optional(),
  type: z.enum(['image', 'video', 'frame']).optional(),
  metadata: z.record(z.string(), z.unknown()),
});
