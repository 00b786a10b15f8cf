import type { User } from '#contracts/access';
import { ForbiddenError, InvalidInputError, NotFoundError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import { derivedObjectId } from '../derived-id.ts';
import { mayUse } from './dataset-access.ts';
import type { SharedAccessStore } from './users.ts';

export interface ShareDeps {
  readonly sharedAccess: Pick<SharedAccessStore, 'list' | 'put' | 'delete'>;
  /** ms */
  readonly now: () => number;
}

/** More are a team. */
const MOST_NAMES = 1_000;
const LONGEST_NAME = 254;
/** Of all of them together: they are one item of the table, which holds 400 KB. */
const MOST_BYTES = 300_000;

/**
 * Shares a dataset with exactly these users and teams. What is not given stays as it is. A user may be unknown as yet:
 * whoever becomes a member with that address may use the dataset.
 *
 * @returns the id of the access config: a dataset has one
 * @throws ForbiddenError where the caller is neither the dataset's owner nor an administrator of the team
 */
export async function shareDataset(
  caller: User,
  dataset: Dataset,
  given: { readonly users?: readonly string[]; readonly teams?: readonly string[] },
  { sharedAccess, now }: ShareDeps,
): Promise<ObjectId> {
  checkMayShare(caller, dataset);
  checkNames('users', given.users);
  checkNames('teams', given.teams);
  const id = derivedObjectId('shared access', dataset.id, 'WRITE');
  const before = (await sharedAccess.list(dataset.id)).find((each) => each.id === id);
  const at = now();
  const users = unique(given.users ?? before?.users ?? []);
  const teams = unique(given.teams ?? before?.teams ?? []);
  checkBytes([...users, ...teams]);
  await sharedAccess.put({
    ...{ id, datasetId: dataset.id, owner: dataset.userId, accessType: 'WRITE', users, teams },
    createdAt: before?.createdAt ?? at,
    lastModifiedAt: at,
  });
  return id;
}

/** @throws ForbiddenError as {@link shareDataset}; NotFoundError */
export async function stopSharing(
  caller: User,
  dataset: Dataset,
  accessId: ObjectId,
  { sharedAccess }: ShareDeps,
): Promise<void> {
  checkMayShare(caller, dataset);
  const configs = await sharedAccess.list(dataset.id);
  if (!configs.some(({ id }) => id === accessId)) throw new NotFoundError('access config', accessId);
  await sharedAccess.delete(dataset.id, accessId);
}

function checkMayShare(caller: User, dataset: Dataset): void {
  if (mayUse(caller, dataset.userId)) return;
  throw new ForbiddenError(
    `Dataset '${dataset.id}' is shared with you. Its owner, or an administrator of the team, can share it with others.`,
  );
}

const unique = (names: readonly string[]): string[] => [...new Set(names)];

function checkBytes(names: readonly string[]): void {
  const bytes = names.reduce((sum, name) => sum + Buffer.byteLength(name), 0);
  if (bytes <= MOST_BYTES) return;
  throw new InvalidInputError(
    `$.users and $.teams have at most ${MOST_BYTES} bytes together. Share the dataset with the team.`,
  );
}

function checkNames(field: string, names: readonly string[] = []): void {
  if (names.length > MOST_NAMES) {
    throw new InvalidInputError(
      `$.${field} holds at most ${MOST_NAMES} entries. Share the dataset with the team.`,
    );
  }
  const wrong = names.findIndex((name) => name.trim() === '' || name.length > LONGEST_NAME);
  if (wrong < 0) return;
  throw new InvalidInputError(
    `$.${field}[${wrong}] must have 1 to ${LONGEST_NAME} characters: an e-mail address or an id.`,
  );
}
