import { z } from 'zod';
import { milliseconds, objectId } from './schema.ts';

export const LONGEST_EMBEDDING_NAME = 255;

/** A set of vectors, one for each sample of a dataset. */
export const embedding = z.strictObject({
  id: objectId,
  datasetId: objectId,
  name: z.string().min(1).max(LONGEST_EMBEDDING_NAME),
  createdAt: milliseconds,
  /** Where the vectors come from: the images themselves, or a CSV file that a client uploads. */
  source: z.discriminatedUnion('type', [
    /** `model`: by which the images are described, as their facts name it. */
    z.strictObject({ type: z.literal('images'), model: z.string().min(1) }),
    z.strictObject({
      type: z.literal('upload'),
      /** Where the client puts the file, in the platform bucket. */
      uploadKey: z.string().min(1),
      /** The file as it was found to be valid; absent until then. */
      checked: z
        .strictObject({
          key: z.string().min(1),
          rowCount: z.int().positive(),
          dimension: z.int().positive(),
        })
        .optional(),
    }),
  ]),
});
export type Embedding = z.infer<typeof embedding>;

export const REDUCTION_METHODS = ['PCA', 'TSNE', 'UMAP'] as const;
export type ReductionMethod = (typeof REDUCTION_METHODS)[number];

/** A picture of an embedding in the plane. Its coordinates are an object in the platform bucket, as JSON. */
export const embedding2d = z.strictObject({
  id: objectId,
  datasetId: objectId,
  embeddingId: objectId,
  name: z.string().min(1),
  method: z.enum(REDUCTION_METHODS),
  key: z.string().min(1),
  createdAt: milliseconds,
});
export type Embedding2d = z.infer<typeof embedding2d>;

/** What the objects of 2d embeddings hold. A point per row of the embedding, in its order. */
export const coordinates2d = z.strictObject({
  dimension1: z.array(z.number()),
  dimension2: z.array(z.number()),
});
export type Coordinates2d = z.infer<typeof coordinates2d>;
