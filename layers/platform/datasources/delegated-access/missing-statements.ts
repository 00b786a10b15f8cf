import type { DatasourceProblem } from '#contracts/datasource-state';
import type { Datasource } from '../datasources.ts';
import {
  type PolicyStatement,
  type RolePolicyRequest,
  rolePolicyStatement,
  type StatementName,
  trustStatement,
} from './role-policy.ts';

type Refused = Pick<DatasourceProblem, 'code' | 'action' | 'use' | 'isForbidden'>;

export interface MissingStatement {
  readonly statement: PolicyStatement;
  /** ARN of the role that it is missing from. */
  readonly role: string;
  /** Which of the role's policies it belongs in. */
  readonly policy: 'permissions' | 'trust';
}

/**
 * The statements which would put right what was refused, unless the role has them and a policy elsewhere refuses it, which
 * S3 does not always tell: each of them once, in the order of the problems. Empty where no statement of the role's would:
 * the bucket is another one, a policy denies it explicitly, or keys are used.
 *
 * @param winnow who assumes the role, as its trust policy has to name it
 */
export function missingStatements(
  problems: readonly Refused[],
  datasource: (use: DatasourceProblem['use']) => Datasource,
  winnow: { readonly accountId: string; readonly objectTags: boolean },
): readonly MissingStatement[] {
  const found = new Map<string, MissingStatement>();
  for (const problem of problems) {
    const { config, place } = datasource(problem.use);
    const name = statementFor(problem);
    if (config.type !== 'S3DelegatedAccess' || !name) continue;
    // What is asked of one use does not widen what the other needs, unless they are one datasource.
    const purpose = config.purpose === 'INPUT_OUTPUT' ? config.purpose : problem.use;
    const request = {
      ...{ place, purpose, region: config.s3Region },
      // It is the key that Winnow writes with; images that are there already may have any.
      kmsKey: purpose === 'LIGHTLY' ? config.s3ServerSideEncryptionKMSKey : undefined,
      objectTags: winnow.objectTags,
    } satisfies RolePolicyRequest;
    const trust = { region: config.s3Region, externalId: config.s3ExternalId, accountId: winnow.accountId };
    const role = config.s3ARN;
    const missing: MissingStatement =
      name === 'assume'
        ? { statement: trustStatement(trust), role, policy: 'trust' }
        : { statement: rolePolicyStatement(name, request), role, policy: 'permissions' };
    found.set(JSON.stringify(missing), missing);
  }
  return [...found.values()];
}

const BY_ACTION: Readonly<Record<string, StatementName>> = {
  's3:ListBucket': 'list',
  's3:GetObject': 'read',
  's3:GetObjectVersion': 'read',
  's3:GetObjectTagging': 'readTags',
  's3:GetObjectVersionTagging': 'readTags',
  's3:PutObject': 'write',
  's3:DeleteObject': 'write',
};

function statementFor({ code, action, isForbidden }: Refused): StatementName | undefined {
  if (isForbidden) return undefined;
  if (code === 'ROLE_NOT_ASSUMABLE' || code === 'ROLE_WITHOUT_EXTERNAL_ID') return 'assume';
  if (code === 'KMS_DENIED') return 'useKey';
  return code === 'DENIED' ? BY_ACTION[action] : undefined;
}
