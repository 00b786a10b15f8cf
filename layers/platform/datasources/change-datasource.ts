import type { User } from '#contracts/access';
import type { DatasetDatasources, DatasourceConfig } from '#contracts/datasources';
import { ConflictError, ForbiddenError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { administersTeam, mayUse } from '../access/dataset-access.ts';
import type { DatasourceStore, DelegatedRoleStore } from './datasources.ts';
import { checkLocalPath, s3LocationOf } from './location.ts';
import {
  type CoveredBy,
  checkFieldLengths,
  inSameContainer,
  noMoreThan,
  withKeptSecret,
} from './masked-secrets.ts';

export interface ChangeDatasourceDeps {
  readonly datasources: DatasourceStore;
  readonly delegatedRoles: DelegatedRoleStore;
  /** ms */
  readonly now: () => number;
}

/** More than change the datasources of one dataset at the same time. */
const MOST_RACES = 10;

/**
 * Sets the datasource for a purpose. One for INPUT_OUTPUT takes the place of all others; one for INPUT or LIGHTLY goes
 * before that. Type LIGHTLY points back to Winnow's own buckets.
 *
 * @throws InvalidInputError where the config can't be right; ForbiddenError where its role is somebody else's
 */
export async function changeDatasource(
  input: { readonly caller: User; readonly dataset: Dataset; readonly config: DatasourceConfig },
  deps: ChangeDatasourceDeps,
): Promise<void> {
  const { dataset, caller } = input;
  const isCovered = mayUse(caller, dataset.userId) ? inSameContainer : noMoreThan;
  checkFieldLengths(input.config);
  if (input.config.type === 'LOCAL') checkLocalPath(input.config.fullPath);
  if (input.config.type === 'S3' || input.config.type === 'S3DelegatedAccess') {
    s3LocationOf(input.config.fullPath);
  }
  for (let race = 0; race < MOST_RACES; race++) {
    const stored = await deps.datasources.get(dataset.id);
    const config = withKeptSecret(input.config, stored?.configs ?? [], isCovered);
    await claimRole({ ...input, config, isCovered }, stored, deps);
    const lastModifiedAt = deps.now();
    const version = (stored?.version ?? 0) + 1;
    const configs = [...remainingBeside(config, stored), config];
    if (await deps.datasources.replace({ datasetId: dataset.id, version, configs, lastModifiedAt })) return;
  }
  throw new ConflictError('The datasources of the dataset are being changed by others. Try again.');
}

function remainingBeside(
  { purpose }: DatasourceConfig,
  stored: DatasetDatasources | undefined,
): DatasourceConfig[] {
  if (purpose === 'INPUT_OUTPUT') return [];
  return (stored?.configs ?? []).filter((config) => config.purpose !== purpose);
}

/**
 * A role belongs to whoever registers it first, for Winnow can assume the roles of all its users: without this, one of
 * them could read through another's role. Administrators act for the owner of the dataset. A role that the dataset
 * has already, for as much of the same bucket, is nothing new.
 */
async function claimRole(
  input: {
    readonly caller: User;
    readonly dataset: Dataset;
    readonly config: DatasourceConfig;
    readonly isCovered: CoveredBy;
  },
  stored: DatasetDatasources | undefined,
  deps: ChangeDatasourceDeps,
): Promise<void> {
  const { caller, dataset, config, isCovered } = input;
  if (config.type !== 'S3DelegatedAccess') return;
  const isKnown = stored?.configs.some(
    (other) =>
      other.type === config.type &&
      other.s3ARN === config.s3ARN &&
      other.s3ExternalId === config.s3ExternalId &&
      isCovered(config, other),
  );
  if (isKnown) return;
  const claimant = administersTeam(caller) ? dataset.userId : caller.id;
  const role = { arn: config.s3ARN, externalId: config.s3ExternalId };
  const holder = await deps.delegatedRoles.claim(role, claimant, deps.now());
  if (holder === claimant || mayUse(caller, holder)) return;
  throw new ForbiddenError(
    'The role with this external ID was registered by another user. Agree on an external ID of your own with the ' +
      'owner of the bucket, or ask an administrator of the team.',
  );
}
