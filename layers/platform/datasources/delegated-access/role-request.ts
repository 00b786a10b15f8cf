import { z } from 'zod';
import type { DatasourceConfig } from '#contracts/datasources';
import { InvalidInputError } from '#contracts/errors';
import { parseWith } from '#contracts/schema';
import { placeOf, s3LocationOf } from '../location.ts';
import type { RolePolicyRequest } from './role-policy.ts';

/** A place that is not configured yet, as somebody asks for it. */
const wantedPlace = z.strictObject({
  path: z.string().exactOptional(),
  region: z
    .string()
    .max(64)
    .regex(/^[a-z]{2,}(-[a-z]+)+(-\d+)?$/, "expected that of the bucket, as 'eu-central-1'")
    .exactOptional(),
  purpose: z.enum(['INPUT', 'INPUT_OUTPUT', 'LIGHTLY']).default('INPUT'),
  kmsKey: z.string().startsWith('arn:', 'expected the ARN of a key').max(2_048).exactOptional(),
});

/**
 * What a role has to be made for: the place that a query describes, or else the one that is configured. Undefined where
 * there is neither.
 * @throws InvalidInputError that names the parameter
 */
export function roleRequestOf(
  query: URLSearchParams,
  config: DatasourceConfig,
  { objectTags }: { readonly objectTags: boolean },
): RolePolicyRequest | undefined {
  const { path, region, purpose, kmsKey } = parseWith(wantedPlace, Object.fromEntries(query), 'The query');
  if (path !== undefined) {
    if (region === undefined)
      throw new InvalidInputError('The query is not valid. region: expected that of the bucket');
    return { place: s3LocationOf(path), region, purpose, kmsKey, objectTags };
  }
  if (config.type !== 'S3DelegatedAccess') return undefined;
  const { s3Region, s3ServerSideEncryptionKMSKey } = config;
  return {
    ...{ place: placeOf(config), region: s3Region, purpose: config.purpose },
    ...{ kmsKey: s3ServerSideEncryptionKMSKey, objectTags },
  };
}
