import { z } from 'zod';
import { milliseconds, objectId } from './schema.ts';

/** Where the images of a dataset are and where what is made of them goes, as it is stored: secrets included. */

const DATASOURCE_PURPOSES = ['INPUT_OUTPUT', 'INPUT', 'LIGHTLY'] as const;
export type DatasourcePurpose = (typeof DATASOURCE_PURPOSES)[number];

/** Credentials of one service account of Google are 2.4 KB; an item of the table holds three configs. */
export const LONGEST_DATASOURCE_FIELD = 16_384;
const text = z.string().min(1).max(LONGEST_DATASOURCE_FIELD);

const base = {
  purpose: z.enum(DATASOURCE_PURPOSES),
  fullPath: z.string().max(LONGEST_DATASOURCE_FIELD),
  /** Kept for clients, and not followed: thumbnails have names of Winnow's own. */
  thumbSuffix: z.string().max(LONGEST_DATASOURCE_FIELD).exactOptional(),
};
const s3 = { s3Region: text, s3ServerSideEncryptionKMSKey: text.exactOptional() };

const datasourceConfig = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('LIGHTLY'), ...base }),
  z.strictObject({ type: z.literal('S3'), ...base, ...s3, s3AccessKeyId: text, s3SecretAccessKey: text }),
  z.strictObject({ type: z.literal('S3DelegatedAccess'), ...base, ...s3, s3ExternalId: text, s3ARN: text }),
  z.strictObject({
    type: z.literal('GCS'),
    ...base,
    gcsProjectId: text,
    gcsCredentials: z.string().max(LONGEST_DATASOURCE_FIELD),
  }),
  z.strictObject({ type: z.literal('AZURE'), ...base, accountName: text, accountKey: text }),
  z.strictObject({
    type: z.literal('OBS'),
    ...base,
    obsEndpoint: text,
    obsAccessKeyId: text,
    obsSecretAccessKey: text,
  }),
  z.strictObject({ type: z.literal('LOCAL'), ...base, webServerLocation: text.exactOptional() }),
]);
export type DatasourceConfig = z.infer<typeof datasourceConfig>;
export type DatasourceConfigOf<Type extends DatasourceConfig['type']> = Extract<
  DatasourceConfig,
  { readonly type: Type }
>;

/** All datasources of a dataset, in one item: a change of one of them is one write. */
export const datasetDatasources = z.strictObject({
  datasetId: objectId,
  /** Counts the writes; a writer must name the version it read. */
  version: z.int().positive(),
  /** One for each purpose. */
  configs: z.array(datasourceConfig).max(DATASOURCE_PURPOSES.length),
  /** Whose credentials they are, by purpose. Absent: those of the dataset's owner. */
  lentBy: z
    .strictObject({
      INPUT_OUTPUT: objectId.exactOptional(),
      INPUT: objectId.exactOptional(),
      LIGHTLY: objectId.exactOptional(),
    })
    .exactOptional(),
  lastModifiedAt: milliseconds,
});
export type DatasetDatasources = z.infer<typeof datasetDatasources>;

/** Who registered a role of an AWS account first: nobody else can have Winnow assume it. */
export const delegatedRoleClaim = z.strictObject({ userId: objectId, claimedAt: milliseconds });
