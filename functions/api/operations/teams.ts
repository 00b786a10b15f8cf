import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type TeamsOperation =
  | 'get_team_by_id'
  | 'add_team_member'
  | 'get_team_members_by_id'
  | 'delete_team_member_by_id'
  | 'update_team_member_by_id'
  | 'get_service_accounts_by_team_id'
  | 'service_account_reset_token';

export function teamsOperations(_deps: ApiDeps): Operations<TeamsOperation> {
  return {
    get_team_by_id: missing,
    add_team_member: missing,
    get_team_members_by_id: missing,
    delete_team_member_by_id: missing,
    update_team_member_by_id: missing,
    get_service_accounts_by_team_id: missing,
    service_account_reset_token: missing,
  };
}
