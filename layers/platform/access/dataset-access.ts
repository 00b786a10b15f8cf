import { isAnonymous, type SharedAccess, TEAM_ID, type User } from '#contracts/access';
import { ForbiddenError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { SharedAccessStore } from './users.ts';

/** Owner and administrators of the team see and may do everything in it. */
export const administersTeam = ({ role }: User): boolean => role === 'OWNER' || role === 'ADMIN';

/** True where what `userId` owns is the caller's own, or the caller administers the team. */
export const mayUse = (caller: User, owner: string): boolean =>
  owner === caller.id || administersTeam(caller);

/** True where one of the configs names the caller, or the team. Addresses are compared without case. */
export function isSharedWith({ id, email }: User, shared: readonly SharedAccess[]): boolean {
  if (isAnonymous({ id })) return false;
  const address = email.toLowerCase();
  return shared.some(
    ({ users, teams }) =>
      users.some((user) => user === id || user.toLowerCase() === address) || teams.includes(TEAM_ID),
  );
}

/** True where the dataset is the caller's own, or is shared with them, or they administer the team. */
export const mayUseDataset = async (
  caller: User,
  dataset: Dataset,
  sharedAccess: Pick<SharedAccessStore, 'list'>,
): Promise<boolean> =>
  mayUse(caller, dataset.userId) || isSharedWith(caller, await sharedAccess.list(dataset.id));

/** @throws ForbiddenError unless {@link mayUseDataset} */
export async function checkDatasetAccess(
  caller: User,
  dataset: Dataset,
  sharedAccess: Pick<SharedAccessStore, 'list'>,
): Promise<void> {
  if (await mayUseDataset(caller, dataset, sharedAccess)) return;
  throw new ForbiddenError(
    `Dataset '${dataset.id}' is not shared with you. Ask its owner to share it, or an administrator of the team.`,
  );
}
