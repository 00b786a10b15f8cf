import { randomBytes } from 'node:crypto';
import { type AccessToken, TOKEN_PREFIX } from '#contracts/access';
import { ForbiddenError } from '#contracts/errors';
import { newObjectId, type ObjectId } from '#contracts/schema';
import { type Caller, tokenHash } from './authenticate.ts';
import type { AccessTokenStore } from './users.ts';

const RANDOM_BYTES = 32;
const ENDING_LENGTH = 4;
const DAY_MS = 24 * 60 * 60 * 1000;

/** A token that was made: the only time that it can be seen. */
export interface IssuedToken {
  readonly token: string;
  readonly stored: AccessToken;
}

/** @param expiresInDays undefined: until it is revoked */
export async function issueToken(
  { userId, name, expiresInDays }: { userId: ObjectId; name: string; expiresInDays?: number | undefined },
  { tokens, now }: { readonly tokens: Pick<AccessTokenStore, 'create'>; readonly now: () => number },
): Promise<IssuedToken> {
  const token = TOKEN_PREFIX + randomBytes(RANDOM_BYTES).toString('base64url');
  const at = now();
  const stored: AccessToken = {
    ...{ id: newObjectId(at), userId, name, hash: tokenHash(token), ending: token.slice(-ENDING_LENGTH) },
    createdAt: at,
    ...(expiresInDays !== undefined && { expiresAt: at + Math.round(expiresInDays * DAY_MS) }),
  };
  await tokens.create(stored);
  return { token, stored };
}

/** True where the token works. @param now ms */
export const isLive = ({ revokedAt, expiresAt }: AccessToken, now: number): boolean =>
  revokedAt === undefined && (expiresAt === undefined || expiresAt > now);

/**
 * What an expiring token makes ends no later than it does itself: somebody who has found it could keep their access for
 * ever otherwise.
 *
 * @param expiresInDays of the new token; undefined: until it is revoked
 * @throws ForbiddenError
 */
export function checkOutlivesNot(
  { tokenExpiresAt }: Pick<Caller, 'tokenExpiresAt'>,
  expiresInDays: number | undefined,
  now: number,
): void {
  if (tokenExpiresAt === undefined) return;
  const daysLeft = (tokenExpiresAt - now) / DAY_MS;
  if (expiresInDays !== undefined && expiresInDays <= daysLeft) return;
  throw new ForbiddenError(
    `The token of this request expires in ${daysLeft.toFixed(2)} days, and makes none that lives longer. Set ` +
      'expiresInDays to less than that, or use a token that does not expire.',
  );
}

/**
 * A new token in the place of all that the user has. It does not expire.
 * @throws ForbiddenError where that of the caller does
 */
export async function resetToken(
  caller: Caller,
  userId: ObjectId,
  deps: { readonly tokens: AccessTokenStore; readonly now: () => number },
): Promise<string> {
  const { tokens, now } = deps;
  checkOutlivesNot(caller, undefined, now());
  const before = (await tokens.listForUser(userId)).filter((token) => isLive(token, now()));
  const { token } = await issueToken({ userId, name: before.at(-1)?.name ?? 'Reset' }, deps);
  for (const each of before) await tokens.revoke(each, now());
  return token;
}

/** What may be shown of a token. */
export const hintOf = ({ ending }: Pick<AccessToken, 'ending'>): string => `${TOKEN_PREFIX}…${ending}`;
