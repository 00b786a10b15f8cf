import type { DatasourceServers } from '#aws/datasource-connections';
import type { DatasourceConfig, DatasourceConfigOf } from '#contracts/datasources';
import type { DatasourceAccess } from '#contracts/input-settings';
import type { DatasourceUse } from '#platform/datasources/datasources';
import { placeOf } from '#platform/datasources/location';
import { policyDocument } from '../../local/access-policy.ts';
import type { LocalCloud } from '../../local/local-cloud.ts';
import type { RolePlan } from '../../local/plan-types.ts';

/** Datasources in buckets of other accounts, which the local cloud has beside the stack. */

export const EXTERNAL_ID = 'agreed-external-id';
export const ROLE_ARN = 'arn:aws:iam::000000000000:role/Lent';

type Statements = readonly Readonly<Record<string, unknown>>[];
export const allowing = (...actions: string[]): Statements => [
  { Effect: 'Allow', Action: actions, Resource: '*' },
];
export const READS_AND_WRITES = [
  's3:ListBucket',
  's3:GetObject*',
  's3:PutObject',
  's3:DeleteObject',
  'kms:*',
];

/** A role that trusts whoever knows the external ID. */
export const lentRole = (
  statements: Statements = allowing(...READS_AND_WRITES),
  arn: string = ROLE_ARN,
): RolePlan => ({
  ...{ arn, name: arn.slice(arn.lastIndexOf('/') + 1), maximumSessionSeconds: 43_200 },
  trust: policyDocument.parse({
    Statement: {
      ...{ Effect: 'Allow', Action: 'sts:AssumeRole' },
      Principal: { AWS: 'arn:aws:iam::000000000000:root' },
      Condition: { StringEquals: { 'sts:ExternalId': EXTERNAL_ID } },
    },
  }),
  policies: [policyDocument.parse({ Statement: statements })],
});

/** Where S3 and STS of a local cloud are, for Winnow's own connections. */
export function serversOf({ connection }: LocalCloud, maxAttempts = 1): DatasourceServers {
  const { endpoints, region, accessKeyId, secretAccessKey } = connection;
  const credentials = { accessKeyId, secretAccessKey };
  return {
    s3: { endpoint: endpoints.s3, forcePathStyle: true, region, credentials, maxAttempts },
    sts: { endpoint: endpoints.sts, region, credentials, maxAttempts },
  };
}

export const byRole = (
  fullPath: string,
  change: Partial<DatasourceConfigOf<'S3DelegatedAccess'>> = {},
): DatasourceConfigOf<'S3DelegatedAccess'> => ({
  ...{ type: 'S3DelegatedAccess', purpose: 'INPUT', fullPath, s3Region: 'eu-central-1' },
  ...{ s3ARN: ROLE_ARN, s3ExternalId: EXTERNAL_ID },
  ...change,
});

export const byKeys = (
  fullPath: string,
  keys: { readonly accessKeyId: string; readonly secretAccessKey: string },
): DatasourceConfigOf<'S3'> => ({
  ...{ type: 'S3', purpose: 'INPUT', fullPath, s3Region: 'eu-central-1' },
  ...{ s3AccessKeyId: keys.accessKeyId, s3SecretAccessKey: keys.secretAccessKey },
});

let made = 0;
/** Each one is another: none meets the session or the client of another test. */
export function datasourceAt<Use extends DatasourceUse, Config extends DatasourceConfig>(
  use: Use,
  config: Config,
  access: Partial<DatasourceAccess> = {},
) {
  made += 1;
  const id = made.toString(16).padStart(24, '0');
  return {
    ...{ id, use, config, place: placeOf(config) },
    access: { requesterPays: false, pathStyle: false, ...access },
  };
}
