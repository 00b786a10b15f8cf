import { z } from 'zod';

const texts = z.record(z.string(), z.string());

/** What the owner of an object has written on it. S3 takes 2 KB of the one and ten of the other. */
export const objectMetadata = z.strictObject({
  /** User metadata: `x-amz-meta-*`, names in lower case. */
  metadata: texts.exactOptional(),
  tags: texts.exactOptional(),
});
export type ObjectMetadata = z.infer<typeof objectMetadata>;

/** Set where a thumbnail is in the LIGHTLY datasource that somebody has configured; else it is in the platform folder. */
export const thumbnailPlace = z.literal('LIGHTLY');
