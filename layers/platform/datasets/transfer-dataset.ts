import { ADMINISTRATOR, type User } from '#contracts/access';
import { ConflictError, ForbiddenError, NotFoundError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { administersTeam } from '../access/dataset-access.ts';
import type { UserStore } from '../access/users.ts';
import type { DatasourceStore, DelegatedRoleStore } from '../datasources/datasources.ts';
import type { DatasetStore } from './datasets.ts';

export interface TransferDatasetDeps {
  readonly datasets: Pick<DatasetStore, 'transfer'>;
  readonly datasources: Pick<DatasourceStore, 'get'>;
  readonly delegatedRoles: Pick<DelegatedRoleStore, 'pass'>;
  readonly users: Pick<UserStore, 'get' | 'findByEmail'>;
}

/** Who is to own it, by one of the two. */
export interface NewOwner {
  readonly userId?: string | undefined;
  readonly email?: string | undefined;
}

/**
 * Gives a dataset to another user of the team, with the roles that its owner has registered for its datasources. With whom
 * it is shared stays as it is. A transfer that was interrupted is finished by asking again.
 *
 * @returns the new owner
 * @throws ForbiddenError unless the caller administers the team; NotFoundError where there is no such user; ConflictError
 * where it has been given to somebody else meanwhile
 */
export async function transferDataset(
  { caller, dataset, to }: { readonly caller: User; readonly dataset: Dataset; readonly to: NewOwner },
  deps: TransferDatasetDeps,
): Promise<User> {
  if (!administersTeam(caller)) {
    throw new ForbiddenError(
      'Only administrators of the team can give a dataset to another user. Ask one of them.',
    );
  }
  const owner = await findUser(to, deps.users);
  const users = { from: dataset.userId, to: owner.id };
  if (users.from === users.to) return owner;
  // First, so that there is no time in which the new owner can't use what the dataset has.
  for (const config of (await deps.datasources.get(dataset.id))?.configs ?? []) {
    if (config.type !== 'S3DelegatedAccess') continue;
    await deps.delegatedRoles.pass({ arn: config.s3ARN, externalId: config.s3ExternalId }, users);
  }
  if (await deps.datasets.transfer(dataset.id, users)) return owner;
  throw new ConflictError(
    'The dataset was given to somebody else meanwhile. Look who owns it, and try again.',
  );
}

async function findUser({ userId, email }: NewOwner, users: TransferDatasetDeps['users']): Promise<User> {
  if (userId === ADMINISTRATOR.id || email === ADMINISTRATOR.email) return ADMINISTRATOR;
  const found = userId === undefined ? await users.findByEmail(email ?? '') : await users.get(userId);
  if (!found) throw new NotFoundError('user', userId ?? email ?? '');
  return found;
}
