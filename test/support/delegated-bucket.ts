import { randomUUID } from 'node:crypto';
import { PutObjectCommand, type PutObjectCommandInput } from '@aws-sdk/client-s3';
import type { S3Datasource } from '#aws/s3-datasource';
import type { DatasourceAccess } from '#contracts/input-settings';
import {
  type PolicyStatement,
  rolePolicy,
  STATEMENT_IDS,
  type StatementName,
} from '#platform/datasources/delegated-access/role-policy';
import type { ForeignBucket } from '../../local/foreign-buckets.ts';
import type { AccessTarget, TargetRole } from './access-target.ts';

export const EXTERNAL_ID = 'winnow-an-external-id-that-nobody-guesses';
export const PREFIX = 'in/';

export interface BucketOptions extends Omit<ForeignBucket, 'name'> {
  /** Of the statements that Winnow asks for, these are missing from the role. */
  readonly without?: readonly StatementName[];
  readonly purpose?: 'INPUT' | 'INPUT_OUTPUT';
  readonly externalId?: string | undefined;
}

/** A bucket of its own and a role with the policy that Winnow asks for, less what a test takes from it. */
export async function delegatedBucket(target: AccessTarget, options: BucketOptions = {}) {
  const {
    without = [],
    purpose = 'INPUT',
    externalId,
    ...described
  } = { externalId: EXTERNAL_ID, ...options };
  const name = `images-${randomUUID()}`;
  const roleName = `role-of-${name}`;
  const { region } = target;
  const place = { bucket: name, prefix: PREFIX };
  const statements = (missing: readonly StatementName[]): PolicyStatement[] => {
    const all = rolePolicy({ place, purpose, region, kmsKey: described.kmsKey, objectTags: true });
    return all.filter(({ Sid }) => !missing.some((each) => STATEMENT_IDS[each] === Sid));
  };
  const setRole = (change: Partial<TargetRole> & { readonly without?: readonly StatementName[] } = {}) =>
    target.setRole({ name: roleName, externalId, statements: statements(change.without ?? []), ...change });
  await target.setBucket({ name, ...described });
  await setRole({ without });
  const put = (file: string, change: Partial<PutObjectCommandInput> = {}) =>
    target.owner.send(
      new PutObjectCommand({ Bucket: name, Key: `${PREFIX}${file}`, Body: `content of ${file}`, ...change }),
    );
  return {
    name,
    put,
    setRole,
    deleteRole: () => target.deleteRole(roleName),
    setBucket: (change: Partial<ForeignBucket>) => target.setBucket({ name, ...described, ...change }),
    /** The datasource that Winnow has of it. */
    datasource: (
      change: {
        readonly externalId?: string;
        readonly use?: 'INPUT' | 'LIGHTLY';
        readonly access?: Partial<DatasourceAccess>;
        readonly prefix?: string;
      } = {},
    ): S3Datasource => ({
      id: 'd'.repeat(24),
      use: change.use ?? 'INPUT',
      config: {
        type: 'S3DelegatedAccess',
        purpose,
        fullPath: `s3://${name}/${change.prefix ?? PREFIX}`,
        s3Region: region,
        s3ExternalId: change.externalId ?? EXTERNAL_ID,
        s3ARN: target.roleArn(roleName),
      },
      place: { bucket: name, prefix: change.prefix ?? PREFIX },
      access: { requesterPays: false, pathStyle: false, ...change.access },
    }),
  };
}
export type DelegatedBucket = Awaited<ReturnType<typeof delegatedBucket>>;
