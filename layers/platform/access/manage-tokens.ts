import { type AccessToken, ADMINISTRATOR, type User } from '#contracts/access';
import { ConflictError, InvalidInputError, NotFoundError } from '#contracts/errors';
import { newObjectId, type ObjectId } from '#contracts/schema';
import type { CreatedToken, CreateTokenRequest, TokenData } from '#contracts/tokens';
import type { Caller } from './authenticate.ts';
import { administersTeam } from './dataset-access.ts';
import { addMember, checkMayManage, memberOf, type TeamDeps } from './team.ts';
import { checkOutlivesNot, hintOf, issueToken } from './tokens.ts';
import type { AccessTokenStore } from './users.ts';

export interface TokensDeps extends TeamDeps {
  readonly tokens: AccessTokenStore;
}

/** Addresses that nobody has (RFC 2606), of accounts that are no people. */
const SERVICE_DOMAIN = 'service-accounts.invalid';

/**
 * Makes a token for the caller, for another member, or for one who is made with it.
 *
 * @throws ForbiddenError where it is for somebody else and the caller may not manage them, or would outlive the token
 * that the caller has sent
 */
export async function createToken(
  caller: Caller,
  request: CreateTokenRequest,
  deps: TokensDeps,
): Promise<CreatedToken> {
  const { name, expiresInDays } = request;
  checkOutlivesNot(caller, expiresInDays, deps.now());
  const user = await tokenHolder(caller, request, deps);
  const { token, stored } = await issueToken({ userId: user.id, name, expiresInDays }, deps);
  return { ...tokenData(stored, user), token };
}

async function tokenHolder(
  caller: User,
  { name, userId, email, role }: CreateTokenRequest,
  deps: TokensDeps,
): Promise<User> {
  if (userId !== undefined && email !== undefined) {
    throw new InvalidInputError('userId and email both say whose the token is. Give one of them.');
  }
  const isOwn = userId === caller.id || email?.toLowerCase() === caller.email.toLowerCase();
  if (role === undefined && (isOwn || (userId === undefined && email === undefined))) return caller;
  if (userId !== undefined) return managed(caller, await memberOf(userId, deps), role);
  if (email === undefined) return newServiceAccount(caller, name, role, deps);
  const known = email.toLowerCase() === ADMINISTRATOR.email ? ADMINISTRATOR : undefined;
  const found = known ?? (await deps.users.findByEmail(email));
  return found ? managed(caller, found, role) : addMember(caller, { email, role: role ?? 'MEMBER' }, deps);
}

function managed(caller: User, member: User, role: CreateTokenRequest['role']): User {
  if (member.id !== caller.id) checkMayManage(caller, member.role);
  if (role === undefined || role === member.role) return member;
  throw new ConflictError(
    `This member has the role ${member.role}. Leave role out, or change the role of the member first.`,
  );
}

async function newServiceAccount(
  caller: User,
  name: string,
  role: CreateTokenRequest['role'],
  deps: TokensDeps,
): Promise<User> {
  if (role !== 'SERVICEACCOUNT') {
    throw new InvalidInputError('role is that of a new member: give the email of that member too.');
  }
  const email = `${newObjectId(deps.now())}@${SERVICE_DOMAIN}`;
  return addMember(caller, { email, role, name }, deps);
}

/** Own tokens; of whoever administers the team, those of everybody. Oldest first, ended ones included. */
export async function listTokens(caller: User, deps: TokensDeps): Promise<TokenData[]> {
  const users = administersTeam(caller) ? [ADMINISTRATOR, ...(await deps.users.list())] : [caller];
  const listed: TokenData[] = [];
  for (const user of users) {
    for (const token of await deps.tokens.listForUser(user.id)) listed.push(tokenData(token, user));
  }
  return listed.sort((a, b) => a.createdAt - b.createdAt);
}

/**
 * From now on the token does not work. Doing it again changes nothing.
 * @throws NotFoundError where there is none, or it is of somebody whom the caller does not manage
 */
export async function revokeToken(caller: User, tokenId: ObjectId, deps: TokensDeps): Promise<void> {
  const { tokens, users, now } = deps;
  const others = administersTeam(caller) ? [ADMINISTRATOR, ...(await users.list())] : [];
  for (const user of [caller, ...others]) {
    const token = await tokens.get(user.id, tokenId);
    if (!token) continue;
    if (user.id !== caller.id) checkMayManage(caller, user.role);
    await tokens.revoke(token, now());
    return;
  }
  throw new NotFoundError('token', tokenId);
}

function tokenData(
  { id, userId, name, createdAt, expiresAt, revokedAt, ending }: AccessToken,
  { email, role }: User,
): TokenData {
  return {
    ...{ id, userId, email, role, name, hint: hintOf({ ending }), createdAt },
    ...(expiresAt !== undefined && { expiresAt }),
    ...(revokedAt !== undefined && { revokedAt }),
  };
}
