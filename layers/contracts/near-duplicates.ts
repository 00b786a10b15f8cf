import { z } from 'zod';
import { objectId } from './schema.ts';

/** Images that are nearly the same. An image that has no such other is in no group. */
export const nearDuplicateGroup = z.strictObject({
  /** Stays the same while images join it, also in later runs. */
  id: objectId,
  /** File name of the image that stands for the group: the one that founded it. */
  representative: z.string().min(1),
});
export type NearDuplicateGroup = z.infer<typeof nearDuplicateGroup>;
