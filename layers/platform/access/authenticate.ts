import { createHash, timingSafeEqual } from 'node:crypto';
import { ADMINISTRATOR, type User } from '#contracts/access';
import { UnauthorizedError } from '#contracts/errors';
import type { AccessTokenStore, UserStore } from './users.ts';

/**
 * A secret of the deployment. It may have been read some minutes ago; with `fresh` it is read again, unless it was
 * read some seconds ago.
 */
export type ReadSecret = (options?: { readonly fresh?: boolean }) => Promise<string>;

export interface AuthenticationDeps {
  /** The deployment's own token. */
  readonly administratorToken: ReadSecret;
  readonly tokens: Pick<AccessTokenStore, 'find'>;
  readonly users: Pick<UserStore, 'get'>;
  /** ms */
  readonly now: () => number;
}

/** Somebody who has proved who they are. */
export interface Caller extends User {
  /** When the token that was sent ends (ms); absent where it ends only when it is revoked. */
  readonly tokenExpiresAt?: number;
}

const digest = (token: string): Buffer => createHash('sha256').update(token).digest();

/** What is kept of a token. */
export const tokenHash = (token: string): string => digest(token).toString('hex');

const REMEDY = "Send a valid one as 'Authorization: Bearer <token>' or as the query parameter 'token'.";

/**
 * Who a token belongs to. Hashes are compared, in constant time: how long it takes says nothing about the token.
 *
 * @throws UnauthorizedError where there is none, or it is unknown, expired or revoked
 */
export async function authenticate(token: string | undefined, deps: AuthenticationDeps): Promise<Caller> {
  if (token === undefined) throw new UnauthorizedError(`The request has no token. ${REMEDY}`);
  const hash = digest(token);
  if (timingSafeEqual(hash, digest(await deps.administratorToken()))) return ADMINISTRATOR;
  const found = await deps.tokens.find(hash.toString('hex'));
  // The deployment's token may have been changed since it was read.
  const isNew = !found && timingSafeEqual(hash, digest(await deps.administratorToken({ fresh: true })));
  if (isNew) return ADMINISTRATOR;
  if (!found || found.revokedAt !== undefined) {
    throw new UnauthorizedError(`The token is not known, or was revoked. ${REMEDY}`);
  }
  if (found.expiresAt !== undefined && found.expiresAt <= deps.now()) {
    throw new UnauthorizedError(`The token has expired. ${REMEDY}`);
  }
  const user = found.userId === ADMINISTRATOR.id ? ADMINISTRATOR : await deps.users.get(found.userId);
  if (!user)
    throw new UnauthorizedError(`The user of this token is no member of the team any more. ${REMEDY}`);
  return { ...user, ...(found.expiresAt !== undefined && { tokenExpiresAt: found.expiresAt }) };
}
