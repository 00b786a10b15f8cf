import type { DatasourcePurpose } from '#contracts/datasources';
import type { BucketPrefix } from '#contracts/items';
import { RESERVED_FOLDER } from '#contracts/s3-keys';
import { partitionOf } from '../regions.ts';
import { literalInPolicy, s3ResourcesOf, s3ServiceIn } from '../s3-resources.ts';

/** A statement of an IAM policy. Its Sid is how Winnow and the owner of a role speak of it. */
export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource?: string;
  readonly Principal?: { readonly AWS: string };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** The statements by what they allow. Only letters and digits may stand in a Sid. */
export const STATEMENT_IDS = {
  assume: 'WinnowAssumesThisRole',
  list: 'WinnowListsObjects',
  read: 'WinnowReadsObjects',
  readTags: 'WinnowReadsObjectTags',
  write: 'WinnowWritesObjects',
  useKey: 'WinnowUsesTheKmsKey',
} as const;
export type StatementName = keyof typeof STATEMENT_IDS;

/** What a role is for. */
export interface RolePolicyRequest {
  readonly place: BucketPrefix;
  readonly purpose: DatasourcePurpose;
  readonly region: string;
  /** ARN of the key that objects are encrypted with. */
  readonly kmsKey?: string | undefined;
  /** Tags of objects become metadata of images. */
  readonly objectTags: boolean;
}

/**
 * What a role has to be allowed so that Winnow can use a datasource, and nothing more: to read the bucket or access point
 * below the path, and to write below its `.lightly/` where the purpose is not INPUT.
 */
export function rolePolicy(request: RolePolicyRequest): readonly PolicyStatement[] {
  const { purpose, kmsKey, objectTags } = request;
  const names: StatementName[] = ['list', 'read'];
  if (objectTags && purpose !== 'LIGHTLY') names.push('readTags');
  if (purpose !== 'INPUT') names.push('write');
  if (kmsKey !== undefined) names.push('useKey');
  return names.map((name) => rolePolicyStatement(name, request));
}

/**
 * IAM takes Latin-1 in policies, and Terraform composes what is decomposed. So in the statements of a role `*` stands
 * for each run of other characters; sessions are narrowed to the path itself.
 */
const takenByIam = (text: string): string => text.replace(/[^\t\n\r\u0020-\u00ff]+/g, '*');

/**
 * One of the statements, also where {@link rolePolicy} would leave it out. A key that nobody has named is any key of the
 * region that S3 uses in the role's name.
 */
export function rolePolicyStatement(
  name: Exclude<StatementName, 'assume'>,
  request: RolePolicyRequest,
): PolicyStatement;
export function rolePolicyStatement(name: StatementName, request: RolePolicyRequest): PolicyStatement;
export function rolePolicyStatement(
  name: StatementName,
  { place, region, purpose, kmsKey }: RolePolicyRequest,
): PolicyStatement {
  const path = takenByIam(literalInPolicy(place.prefix));
  const resources = s3ResourcesOf(place, region, path);
  const allow = (Action: readonly string[], Resource: string): PolicyStatement => ({
    ...{ Sid: STATEMENT_IDS[name], Effect: 'Allow', Action, Resource },
  });
  switch (name) {
    case 'assume':
      throw new Error('The trust policy of a role is trustStatement().');
    case 'list':
      return {
        ...allow(['s3:ListBucket'], resources.bucket),
        ...(path !== '' && { Condition: { StringLike: { 's3:prefix': `${path}*` } } }),
      };
    case 'read':
      return allow(['s3:GetObject', 's3:GetObjectVersion'], resources.objects);
    case 'readTags':
      return allow(['s3:GetObjectTagging', 's3:GetObjectVersionTagging'], resources.objects);
    case 'write':
      return allow(
        ['s3:PutObject', 's3:DeleteObject'],
        s3ResourcesOf(place, region, path + RESERVED_FOLDER).objects,
      );
    case 'useKey': {
      const actions = ['kms:Decrypt', ...(purpose === 'INPUT' ? [] : ['kms:GenerateDataKey'])];
      const anyKey = `arn:${partitionOf(resources.region)}:kms:${resources.region}:*:key/*`;
      return {
        ...allow(actions, kmsKey ?? anyKey),
        Condition: { StringEquals: { 'kms:ViaService': s3ServiceIn(resources.region) } },
      };
    }
  }
}

/** Who may assume the role: Winnow's account, with the external ID. Belongs in the trust policy. */
export const trustStatement = (trust: {
  readonly region: string;
  /** The 12 digits of the account in which Winnow is deployed. */
  readonly accountId: string;
  readonly externalId: string;
}): PolicyStatement => ({
  Sid: STATEMENT_IDS.assume,
  Effect: 'Allow',
  Action: ['sts:AssumeRole'],
  Principal: { AWS: `arn:${partitionOf(trust.region)}:iam::${trust.accountId}:root` },
  Condition: { StringEquals: { 'sts:ExternalId': trust.externalId } },
});

/** A whole policy of IAM. */
export const policyOf = (statements: readonly PolicyStatement[]) => ({
  Version: '2012-10-17' as const,
  Statement: statements,
});
