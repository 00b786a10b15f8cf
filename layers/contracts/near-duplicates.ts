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

/** `report`: groups are found and said. `dedup`: besides, a run chooses at most one image of each group. */
const NEAR_DUPLICATE_MODES = ['off', 'report', 'dedup'] as const;

/** What a dataset takes for nearly the same. */
export const nearDuplicateSettings = z.strictObject({
  mode: z.enum(NEAR_DUPLICATE_MODES).default('report'),
  /** Largest Euclidean distance of the embeddings. Without one, that of the embedding model. */
  maxDistance: z.number().nonnegative().optional(),
  /** Largest number of the 64 bits in which perceptual hashes differ; 64 is any. Without one, that of the model. */
  maxHashDistance: z.int().min(0).max(64).optional(),
});
export type NearDuplicateSettings = z.infer<typeof nearDuplicateSettings>;

interface Limits {
  readonly maxDistance: number;
  readonly maxHashDistance: number;
}

/** Measured for each model of Winnow: docs/near-duplicates.md has the figures. */
const LIMITS_OF_MODEL: Readonly<Record<string, Limits>> = {
  'classical-v1': { maxDistance: 0.35, maxHashDistance: 24 },
  'classical-v2': { maxDistance: 0.4, maxHashDistance: 24 },
};
/** Nothing is known of the distances of another model: the hashes alone decide, and strictly. */
const LIMITS_OF_OTHERS: Limits = { maxDistance: Number.MAX_VALUE, maxHashDistance: 8 };

/**
 * What counts as nearly the same among images that a model has described.
 * @param model - as the facts of an image name it
 */
export function nearDuplicateLimits(
  { maxDistance, maxHashDistance }: Pick<NearDuplicateSettings, 'maxDistance' | 'maxHashDistance'>,
  model: string,
): Limits {
  const own = LIMITS_OF_MODEL[model] ?? LIMITS_OF_OTHERS;
  // Who says how near vectors must be does not mean to ask for alike hashes too.
  const hashes = maxDistance !== undefined && LIMITS_OF_MODEL[model] === undefined ? 64 : own.maxHashDistance;
  return { maxDistance: maxDistance ?? own.maxDistance, maxHashDistance: maxHashDistance ?? hashes };
}
