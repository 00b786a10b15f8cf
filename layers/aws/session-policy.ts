import type { BucketPrefix } from '#contracts/items';
import type { DatasourceUse } from '#platform/datasources/datasources';
import { partitionOf, regionNameOf } from './regions.ts';

const READ = ['s3:GetObject', 's3:GetObjectVersion'];
const WRITE = ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'];

/**
 * What is left of a role's permissions in a session: the bucket below the prefix, read-only for INPUT. So a role that
 * may more than it has to lends Winnow no more than the datasource needs.
 *
 * @returns the text of an IAM policy, in ASCII
 */
export function sessionPolicy({ bucket, prefix }: BucketPrefix, use: DatasourceUse, region: string): string {
  const partition = partitionOf(region);
  const bucketArn = `arn:${partition}:s3:::${bucket}`;
  const path = literal(prefix);
  const writes = use === 'LIGHTLY';
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 's3:ListBucket',
        Resource: bucketArn,
        ...(prefix !== '' && { Condition: { StringLike: { 's3:prefix': `${path}*` } } }),
      },
      { Effect: 'Allow', Action: writes ? [...READ, ...WRITE] : READ, Resource: `${bucketArn}/${path}*` },
      {
        Effect: 'Allow',
        Action: writes ? ['kms:Decrypt', 'kms:GenerateDataKey'] : 'kms:Decrypt',
        Resource: '*',
        Condition: { StringEquals: { 'kms:ViaService': s3Service(region, partition) } },
      },
    ],
  };
  return JSON.stringify(policy).replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A session can't use a key by itself: only S3 may, in its name. */
const s3Service = (region: string, partition: string): string =>
  `s3.${regionNameOf(region)}.amazonaws.com${partition === 'aws-cn' ? '.cn' : ''}`;

/** In a policy `*`, `?` and `$` mean something else than themselves. */
const literal = (text: string): string => text.replace(/[*?$]/g, (character) => `\${${character}}`);
