import { z } from 'zod';
import { milliseconds, objectId } from './schema.ts';

/** Who may use the API, as it is stored. */

export const TEAM_ROLES = ['OWNER', 'ADMIN', 'MEMBER', 'SERVICEACCOUNT'] as const;
export type TeamRole = (typeof TEAM_ROLES)[number];

/** The one team of a deployment. */
export const TEAM_ID = '77696e6e6f770000000000ff';
/** Owner of the team, and of the datasets that the landing bucket makes: whoever has the deployment's token. */
export const ADMINISTRATOR_ID = '77696e6e6f77000000000001';

export const user = z.strictObject({
  id: objectId,
  email: z.string().min(3).max(254),
  name: z.string().max(255),
  role: z.enum(TEAM_ROLES),
  createdAt: milliseconds,
});
export type User = z.infer<typeof user>;

export const ADMINISTRATOR: User = {
  id: ADMINISTRATOR_ID,
  email: 'administrator@winnow.invalid',
  name: 'Administrator',
  role: 'OWNER',
  createdAt: 0,
};

/**
 * Who asks without a token, for what needs none. Owns nothing, is in no team, and nothing can be shared with them: what
 * anybody may have is let through by its own rule.
 */
export const ANONYMOUS: User = {
  id: '77696e6e6f77000000000000',
  email: 'anonymous@winnow.invalid',
  name: 'Anonymous',
  role: 'MEMBER',
  createdAt: 0,
};
export const isAnonymous = ({ id }: Pick<User, 'id'>): boolean => id === ANONYMOUS.id;

/** Tokens that Winnow makes begin with it, so that they are known where they should not be. */
export const TOKEN_PREFIX = 'wnw_';

export const accessToken = z.strictObject({
  id: objectId,
  userId: objectId,
  /** What it is for, in its maker's words. */
  name: z.string().max(255),
  /** Lower-case hex SHA-256. */
  hash: z.string().regex(/^[a-f0-9]{64}$/),
  /** Its last four characters, to tell tokens apart in a list. */
  ending: z.string(),
  createdAt: milliseconds,
  expiresAt: milliseconds.optional(),
  revokedAt: milliseconds.optional(),
});
export type AccessToken = z.infer<typeof accessToken>;

/** Users and teams that a dataset is shared with. */
export const sharedAccess = z.strictObject({
  id: objectId,
  datasetId: objectId,
  owner: objectId,
  accessType: z.literal('WRITE'),
  /** E-mail addresses or user ids. */
  users: z.array(z.string().max(254)).max(1000),
  teams: z.array(z.string().max(254)).max(1000),
  createdAt: milliseconds,
  lastModifiedAt: milliseconds,
});
export type SharedAccess = z.infer<typeof sharedAccess>;
