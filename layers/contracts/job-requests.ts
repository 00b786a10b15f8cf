import { z } from 'zod';
import { REDUCTION_METHODS } from './embeddings.ts';
import { objectId } from './schema.ts';
import { tagName } from './tags.ts';

/** What jobs are asked for, one schema a kind. */

const SAMPLING_METHODS = ['ACTIVE_LEARNING', 'CORAL', 'CORESET', 'RANDOM'] as const;
export type SamplingMethod = (typeof SAMPLING_METHODS)[number];

/** To choose samples of a tag, and to make a tag of them. Everything in it has been checked when it was asked for. */
export const samplingOrder = z.strictObject({
  embeddingId: objectId,
  newTagName: tagName,
  method: z.enum(SAMPLING_METHODS),
  /** What is chosen from. */
  queryTagId: objectId,
  /** What counts as chosen already, and is in the new tag too. */
  preselectedTagId: objectId.optional(),
  /** Samples of the new tag at most, preselected ones included. */
  nSamples: z.int().positive().optional(),
  /** Euclidean distance that chosen samples keep from each other. */
  minDistance: z.number().positive().optional(),
  /** Which scores of which tag count, where the method looks at scores. */
  scores: z.strictObject({ tagId: objectId, scoreId: objectId }).optional(),
});
export type SamplingOrder = z.infer<typeof samplingOrder>;

/** To draw an embedding in the plane. */
export const projectionOrder = z.strictObject({ embeddingId: objectId, method: z.enum(REDUCTION_METHODS) });
