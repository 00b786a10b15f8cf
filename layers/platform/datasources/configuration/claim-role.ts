import type { User } from '#contracts/access';
import type { DatasetDatasources, DatasourceConfig, DatasourceConfigOf } from '#contracts/datasources';
import { ForbiddenError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { administersTeam, mayUse } from '../../access/dataset-access.ts';
import type { DelegatedRoleStore } from '../datasources.ts';
import { type ExternalIds, isIssued } from './external-ids.ts';
import type { CoveredBy } from './masked-secrets.ts';

export interface ClaimRoleDeps {
  readonly delegatedRoles: DelegatedRoleStore;
  readonly externalIds: ExternalIds;
  /** ms */
  readonly now: () => number;
}

interface RoleRequest {
  readonly caller: User;
  readonly dataset: Dataset;
  readonly config: DatasourceConfig;
  readonly isCovered: CoveredBy;
}

/**
 * Winnow can assume the roles of all its users: whoever knows the name of another's role must not have it assumed for
 * themselves (the confused deputy). An external ID that Winnow issued is of one dataset, and whoever owns that says what
 * is read with it. A role with any other ID belongs to whoever registers it first; administrators act for the owner of the
 * dataset. A role that the dataset has already, for as much of the same bucket, is nothing new.
 *
 * @throws ForbiddenError
 */
export async function claimRole(
  { caller, dataset, config, isCovered }: RoleRequest,
  stored: DatasetDatasources | undefined,
  deps: ClaimRoleDeps,
): Promise<void> {
  if (config.type !== 'S3DelegatedAccess') return;
  const known = stored?.configs.filter((other) => isSameRole(config, other)) ?? [];
  if (known.some((other) => isCovered(config, other))) return;
  if (isIssued(config.s3ExternalId)) {
    const isOfDataset = known.length > 0 || config.s3ExternalId === (await deps.externalIds.of(dataset.id));
    return checkIssued(isOfDataset, mayUse(caller, dataset.userId));
  }
  const claimant = administersTeam(caller) ? dataset.userId : caller.id;
  const role = { arn: config.s3ARN, externalId: config.s3ExternalId };
  const holder = await deps.delegatedRoles.claim(role, claimant, deps.now());
  if (holder === claimant || mayUse(caller, holder)) return;
  throw new ForbiddenError(
    'The role with this external ID was registered by another user. Use the external ID that Winnow issues for the ' +
      'dataset (winnow datasources connect), or ask an administrator of the team.',
  );
}

const isSameRole = (config: DatasourceConfigOf<'S3DelegatedAccess'>, other: DatasourceConfig): boolean =>
  other.type === config.type && other.s3ARN === config.s3ARN && other.s3ExternalId === config.s3ExternalId;

function checkIssued(isOfDataset: boolean, isOwners: boolean): void {
  if (!isOfDataset) {
    throw new ForbiddenError(
      's3ExternalId was issued for another dataset: IDs that begin with winnow- are. Use the one that ' +
        '`winnow datasources connect` names for this dataset, and have the role trust that one.',
    );
  }
  if (isOwners) return;
  throw new ForbiddenError(
    'Only the owner of the dataset may set a role with the external ID of the dataset for another path, purpose or KMS ' +
      'key. Ask the owner, or an administrator of the team.',
  );
}
