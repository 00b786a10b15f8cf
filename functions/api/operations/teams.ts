import { ADMINISTRATOR, TEAM_ID, type User } from '#contracts/access';
import { NotFoundError } from '#contracts/errors';
import type { ProfileBasicData, ServiceAccountBasicData } from '#contracts/protocol/types.gen';
import { addMember, changeRole, checkMayManage, removeMember } from '#platform/access/team';
import { hintOf, isLive, resetToken } from '#platform/access/tokens';
import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';

type TeamsOperation =
  | 'get_team_by_id'
  | 'add_team_member'
  | 'get_team_members_by_id'
  | 'delete_team_member_by_id'
  | 'update_team_member_by_id'
  | 'get_service_accounts_by_team_id'
  | 'service_account_reset_token';

type TeamsDeps = Pick<ApiDeps, 'users' | 'tokens' | 'now'>;

const TEAM_NAME = 'Winnow';
/** Nothing here expires: the last millisecond that a date of JavaScript can name. */
const VALID_UNTIL = 8_640_000_000_000_000;
/** In the place of a token that a service account does not have. */
const NO_TOKEN = 'no token';

export function teamsOperations(deps: TeamsDeps): Operations<TeamsOperation> {
  const { users } = deps;
  return {
    get_team_by_id: async () => ({
      ...{ id: TEAM_ID, name: TEAM_NAME, createdAt: ADMINISTRATOR.createdAt, validUntil: VALID_UNTIL },
    }),
    add_team_member: async ({ caller, body }) => (await addMember(caller, body, deps)).id,
    get_team_members_by_id: async () =>
      [ADMINISTRATOR, ...(await users.list())].filter(({ role }) => role !== 'SERVICEACCOUNT').map(profile),
    delete_team_member_by_id: async ({ caller, path }) => {
      await removeMember(caller, path.userId, deps);
      return undefined;
    },
    update_team_member_by_id: async ({ caller, path, body }) => {
      await changeRole(caller, path.userId, body.role, deps);
      return undefined;
    },
    get_service_accounts_by_team_id: async ({ caller }) => {
      checkMayManage(caller);
      const accounts = (await users.list()).filter(isServiceAccount);
      const shown: ServiceAccountBasicData[] = [];
      for (const account of accounts) shown.push(await serviceAccount(account, deps));
      return shown;
    },
    service_account_reset_token: async ({ caller, path }) => {
      checkMayManage(caller);
      const account = await users.get(path.serviceAccountId);
      if (!account || !isServiceAccount(account)) throw new NotFoundError('user', path.serviceAccountId);
      return resetToken(caller, account.id, deps);
    },
  };
}

const isServiceAccount = ({ role }: User): boolean => role === 'SERVICEACCOUNT';

const profile = ({ id, name, email, role, createdAt }: User): ProfileBasicData => ({
  ...{ id, nickname: name, name, email, createdAt },
  teams: [{ id: TEAM_ID, name: TEAM_NAME, role }],
});

/** A token is shown once, when it is made: here is only what tells it from others. */
async function serviceAccount(
  { id, name, createdAt }: User,
  { tokens, now }: TeamsDeps,
): Promise<ServiceAccountBasicData> {
  const newest = (await tokens.listForUser(id)).filter((token) => isLive(token, now())).at(-1);
  return { id, name, token: newest ? hintOf(newest) : NO_TOKEN, createdAt };
}
