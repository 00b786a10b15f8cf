import { z } from 'zod';
import { taskName } from './task-name.ts';

/** A part of an image that is to be kept as a sample of its own. */
export const plannedCrop = z.strictObject({
  task: taskName,
  /** Which of the image's predictions of the task, or which of its tiles. */
  index: z.int().nonnegative(),
  categoryId: z.int().nonnegative(),
  /** 0 to 1. */
  score: z.number().min(0).max(1),
  /** Left upper corner and size, in pixels of the upright image; may reach beyond it. */
  region: z.strictObject({ x: z.number(), y: z.number(), width: z.number(), height: z.number() }),
});
export type PlannedCrop = z.infer<typeof plannedCrop>;
