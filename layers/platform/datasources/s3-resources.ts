import type { BucketPrefix } from '#contracts/items';
import { partitionOf, partsOfArn, regionNameOf } from './regions.ts';

/** What policies call a place in S3. */
export interface S3Resources {
  /** ARN of the bucket, or of the access point that stands for it. */
  readonly bucket: string;
  /** ARN of everything below the prefix, which is not escaped. Ends with `*`. */
  readonly objects: string;
  /** Of the bucket, or of the access point: its own, whatever region was set. */
  readonly region: string;
}

/** True where the ARN of an access point stands for a bucket. */
export const isAccessPoint = (bucket: string): boolean => bucket.startsWith('arn:');

/** @param path stands for the prefix, as `literal` texts of a policy have it */
export function s3ResourcesOf(
  { bucket, prefix }: BucketPrefix,
  region: string,
  path: string = prefix,
): S3Resources {
  if (isAccessPoint(bucket)) {
    return { bucket, objects: `${bucket}/object/${path}*`, region: partsOfArn(bucket).region };
  }
  const arn = `arn:${partitionOf(region)}:s3:::${bucket}`;
  return { bucket: arn, objects: `${arn}/${path}*`, region: regionNameOf(region) };
}

/** In a policy `*`, `?` and `$` mean something else than themselves. */
export const literalInPolicy = (text: string): string =>
  text.replace(/[*?$]/g, (character) => `\${${character}}`);

/** How AWS calls S3 where it uses a KMS key for somebody: a value of `kms:ViaService`. */
export const s3ServiceIn = (region: string): string =>
  `s3.${region}.amazonaws.com${partitionOf(region) === 'aws-cn' ? '.cn' : ''}`;
