import { z } from 'zod';
import { milliseconds, objectId } from './schema.ts';

export const VALUE_DATA_TYPES = [
  'NUMERIC_INT',
  'NUMERIC_FLOAT',
  'CATEGORICAL_STRING',
  'CATEGORICAL_INT',
  'CATEGORICAL_BOOLEAN',
  'CATEGORICAL_DATETIME',
  'CATEGORICAL_TIMESTAMP',
  'OTHER_STRING',
] as const;
export type ValueDataType = (typeof VALUE_DATA_TYPES)[number];

/** How custom metadata of a dataset is to be shown and understood. */
export const metadataConfiguration = z.strictObject({
  id: objectId,
  datasetId: objectId,
  name: z.string(),
  configs: z.array(
    z.strictObject({
      name: z.string().min(1),
      /** Dotted, into the custom metadata of a sample. */
      path: z.string().min(1),
      /** Any JSON value: what samples without one have. */
      defaultValue: z.unknown(),
      valueDataType: z.enum(VALUE_DATA_TYPES),
    }),
  ),
  createdAt: milliseconds,
  lastModifiedAt: milliseconds,
});
export type MetadataConfiguration = z.infer<typeof metadataConfiguration>;

/** Half of what an item of the table may have, for its names take more room there. */
export const MOST_CONFIGURATION_BYTES = 200_000;
