import { policyDocument } from '../../local/access-policy.ts';
import type { LocalCloud, LocalCloudOptions } from '../../local/local-cloud.ts';
import type { RolePlan } from '../../local/plan-types.ts';
import { type AccessTarget, type TargetRole, trustOf } from './access-target.ts';
import { clientsOf, startFixture } from './local-stack.ts';

export const ACCOUNT_OF_BUCKETS = '123456789012';
const roleArn = (name: string) => `arn:aws:iam::${ACCOUNT_OF_BUCKETS}:role/${name}`;

/** @returns the role, for anybody of the account that the local cloud is */
export const localRole = (role: TargetRole): RolePlan => ({
  ...{ arn: roleArn(role.name), name: role.name, maximumSessionSeconds: 43_200 },
  trust: policyDocument.parse({ Statement: trustOf(role, 'arn:aws:iam::000000000000:root') }),
  policies: [policyDocument.parse({ Statement: role.statements })],
});

export interface LocalTarget extends AccessTarget {
  readonly cloud: LocalCloud;
}

/** The local cloud, with a stack that has nothing to do with datasources. */
export async function startLocalTarget(options: Partial<LocalCloudOptions> = {}): Promise<LocalTarget> {
  const cloud = await startFixture(options);
  const { endpoints, region, accessKeyId, secretAccessKey } = cloud.connection;
  const common = { region, credentials: { accessKeyId, secretAccessKey } };
  return {
    cloud,
    region,
    servers: {
      s3: { ...common, endpoint: endpoints.s3, forcePathStyle: true, maxAttempts: 3 },
      sts: { ...common, endpoint: endpoints.sts },
    },
    owner: clientsOf(cloud).s3,
    setBucket: async (bucket) => cloud.foreignBuckets.set(bucket),
    roleArn,
    setRole: async (role) => cloud.foreignRoles.set(localRole(role)),
    deleteRole: async (name) => cloud.foreignRoles.delete(roleArn(name)),
    close: () => cloud.close(),
  };
}
