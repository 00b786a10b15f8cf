import type { S3Client } from '@aws-sdk/client-s3';
import type { DatasourceServers } from '#aws/datasource-connections';
import type { PolicyStatement } from '#platform/datasources/delegated-access/role-policy';
import type { ForeignBucket } from '../../local/foreign-buckets.ts';

/** A role of the account that owns the buckets. */
export interface TargetRole {
  readonly name: string;
  /** That its trust policy asks for; without one, whoever Winnow serves could use it. */
  readonly externalId: string | undefined;
  readonly statements: readonly PolicyStatement[];
}

/** Servers that answer like S3, STS and IAM, with one account that has buckets and roles. */
export interface AccessTarget {
  readonly region: string;
  /** How Winnow reaches them. */
  readonly servers: DatasourceServers;
  /** Of the owner of the buckets, who may do everything. */
  readonly owner: S3Client;
  /** Makes a bucket, or changes it as far as the target knows how. */
  readonly setBucket: (bucket: ForeignBucket) => Promise<void>;
  readonly roleArn: (name: string) => string;
  /** Makes a role, or changes it. */
  readonly setRole: (role: TargetRole) => Promise<void>;
  readonly deleteRole: (name: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** The trust policy of a role. @param principal ARN of who may assume it */
export const trustOf = ({ externalId }: TargetRole, principal: string) => ({
  ...{ Effect: 'Allow' as const, Action: ['sts:AssumeRole'], Principal: { AWS: principal } },
  ...(externalId !== undefined && { Condition: { StringEquals: { 'sts:ExternalId': externalId } } }),
});
