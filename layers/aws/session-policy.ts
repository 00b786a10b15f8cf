import type { BucketPrefix } from '#contracts/items';
import { RESERVED_FOLDER } from '#contracts/s3-keys';
import type { DatasourceUse } from '#platform/datasources/datasources';
import { literalInPolicy, s3ResourcesOf, s3ServiceIn } from '#platform/datasources/s3-resources';

const READ = [
  's3:GetObject',
  's3:GetObjectVersion',
  's3:GetObjectTagging',
  's3:GetObjectVersionTagging',
] as const;
const WRITE = ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'] as const;

/** Characters. STS takes no longer one. */
export const LONGEST_SESSION_POLICY = 2_048;

/**
 * What is left of a role's permissions in a session: the bucket below the prefix, to be read; for LIGHTLY its `.lightly/`, to
 * be written too. So a role that may more than it has to lends Winnow no more than the datasource needs.
 *
 * @returns the text of an IAM policy, in ASCII
 */
export function sessionPolicy(place: BucketPrefix, use: DatasourceUse, s3Region: string): string {
  const path = literalInPolicy(place.prefix);
  const { bucket, objects, region } = s3ResourcesOf(place, s3Region, path);
  const { objects: reserved } = s3ResourcesOf(place, s3Region, path + RESERVED_FOLDER);
  const writes = use === 'LIGHTLY';
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: bucket,
        ...(path !== '' && { Condition: { StringLike: { 's3:prefix': `${path}*` } } }),
      },
      { Effect: 'Allow', Action: READ, Resource: objects },
      ...(writes ? [{ Effect: 'Allow', Action: WRITE, Resource: reserved }] : []),
      {
        Effect: 'Allow',
        Action: writes ? ['kms:Decrypt', 'kms:GenerateDataKey'] : 'kms:Decrypt',
        Resource: '*',
        // A session can't use a key by itself: only S3 may, in its name.
        Condition: { StringEquals: { 'kms:ViaService': s3ServiceIn(region) } },
      },
    ],
  };
  return JSON.stringify(policy).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
