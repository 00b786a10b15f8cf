import { z } from 'zod';
import { milliseconds, objectId } from './schema.ts';
import { taskName } from './task-name.ts';

/** What active-learning scores belong to: one for each sample of a tag, or one for each sample of the dataset. */
const scoresOwner = z.union([z.strictObject({ tagId: objectId }), z.strictObject({ taskName })]);
export type ScoresOwner = z.infer<typeof scoresOwner>;

/** Active-learning scores of one type. The numbers are an object in the platform bucket: float64, little-endian. */
export const scores = z.strictObject({
  id: objectId,
  datasetId: objectId,
  owner: scoresOwner,
  scoreType: taskName.min(1),
  key: z.string().min(1),
  count: z.int().positive(),
  createdAt: milliseconds,
  lastModifiedAt: milliseconds,
});
export type Scores = z.infer<typeof scores>;
