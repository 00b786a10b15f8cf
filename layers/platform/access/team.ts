import { ADMINISTRATOR, type TeamRole, type User } from '#contracts/access';
import { ConflictError, ForbiddenError, InvalidInputError, NotFoundError } from '#contracts/errors';
import { newObjectId, type ObjectId } from '#contracts/schema';
import { administersTeam } from './dataset-access.ts';
import type { UserStore } from './users.ts';

export interface TeamDeps {
  readonly users: UserStore;
  /** ms */
  readonly now: () => number;
}

/**
 * Whoever administers the team manages its members; only an owner makes, changes or removes an owner.
 *
 * @param roles those of the members it is about, before and after
 * @throws ForbiddenError
 */
export function checkMayManage(caller: User, ...roles: readonly TeamRole[]): void {
  if (!administersTeam(caller)) {
    throw new ForbiddenError(
      'Members are managed by the owner and the administrators of the team. Ask one of them.',
    );
  }
  if (roles.includes('OWNER') && caller.role !== 'OWNER') {
    throw new ForbiddenError(
      'Only an owner of the team makes, changes or removes an owner. Ask one of them.',
    );
  }
}

/** Somebody of the team; the administrator, who is not kept, included. @throws NotFoundError */
export async function memberOf(
  userId: ObjectId,
  { users }: { readonly users: Pick<UserStore, 'get'> },
): Promise<User> {
  const found = userId === ADMINISTRATOR.id ? ADMINISTRATOR : await users.get(userId);
  if (!found) throw new NotFoundError('user', userId);
  return found;
}

/** What is before and after the one @; anything more is for mail servers to say. */
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,189}$/;

/**
 * Takes somebody into the team. Doing it again changes nothing.
 * @throws ConflictError where a member with the address has another role
 */
export async function addMember(
  caller: User,
  { email, role, name = email }: { readonly email: string; readonly role: TeamRole; readonly name?: string },
  { users, now }: TeamDeps,
): Promise<User> {
  checkMayManage(caller, role);
  if (!EMAIL.test(email))
    throw new InvalidInputError('$.email must be an e-mail address, as ada@example.com.');
  const known = await users.findByEmail(email);
  if (known?.role === role) return known;
  if (known || email.toLowerCase() === ADMINISTRATOR.email) {
    throw new ConflictError(
      `'${email}' is a member of the team already, with another role. Change the role of that member.`,
    );
  }
  const at = now();
  const added: User = { id: newObjectId(at), email, name, role, createdAt: at };
  try {
    await users.create(added);
    return added;
  } catch (error) {
    // Somebody else has just taken the very same member in.
    const other = error instanceof ConflictError ? await users.findByEmail(email) : undefined;
    if (other?.role === role) return other;
    throw error;
  }
}

/** @throws ForbiddenError, NotFoundError */
export async function changeRole(
  caller: User,
  userId: ObjectId,
  role: TeamRole,
  deps: TeamDeps,
): Promise<void> {
  const member = await managedMember(caller, userId, deps);
  checkMayManage(caller, member.role, role);
  await deps.users.changeRole(userId, role);
}

/** Their tokens stop to work at once. What they own stays, in the hands of the team's administrators. */
export async function removeMember(caller: User, userId: ObjectId, deps: TeamDeps): Promise<void> {
  const member = await managedMember(caller, userId, deps);
  checkMayManage(caller, member.role);
  await deps.users.delete(userId);
}

async function managedMember(caller: User, userId: ObjectId, deps: TeamDeps): Promise<User> {
  checkMayManage(caller);
  if (userId === ADMINISTRATOR.id) {
    throw new ForbiddenError(
      "The deployment's own administrator is whoever has its token: change the token instead.",
    );
  }
  return memberOf(userId, deps);
}
