import { z } from 'zod';
import { TEAM_ROLES } from './access.ts';
import { milliseconds, objectId } from './schema.ts';

/** `/winnow/v1/tokens` and `/winnow/v1/me`: what is sent and what is answered. */

export const createTokenRequest = z.strictObject({
  /** What the token is for. */
  name: z.string().trim().min(1).max(255),
  /** Whose it is, by one of the two; the caller's own where neither is given. */
  userId: objectId.optional(),
  email: z.string().max(254).optional(),
  /**
   * Of a member who is made with the token because nobody has the address. SERVICEACCOUNT without an address makes a
   * service account that is called as the token is.
   */
  role: z.enum(TEAM_ROLES).optional(),
  /** Without it, the token works until it is revoked. */
  expiresInDays: z.number().positive().max(3650).optional(),
});
export type CreateTokenRequest = z.infer<typeof createTokenRequest>;

export const tokenData = z.strictObject({
  id: objectId,
  userId: objectId,
  email: z.string(),
  role: z.enum(TEAM_ROLES),
  name: z.string(),
  /** Its beginning and its end, to tell tokens apart. */
  hint: z.string(),
  createdAt: milliseconds,
  expiresAt: milliseconds.optional(),
  revokedAt: milliseconds.optional(),
});
export type TokenData = z.infer<typeof tokenData>;

/** `GET /winnow/v1/tokens` */
export const tokenList = z.strictObject({ tokens: z.array(tokenData) });
export type TokenList = z.infer<typeof tokenList>;

/** `POST /winnow/v1/tokens`: the only time that the token itself can be seen. */
export const createdToken = z.strictObject({ ...tokenData.shape, token: z.string() });
export type CreatedToken = z.infer<typeof createdToken>;

/** `GET /winnow/v1/me` */
export const ownProfile = z.strictObject({
  id: objectId,
  email: z.string(),
  name: z.string(),
  role: z.enum(TEAM_ROLES),
  teamId: objectId,
});
export type OwnProfile = z.infer<typeof ownProfile>;
