import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type CollaborationOperation =
  | 'create_or_update_shared_access_config_by_dataset_id'
  | 'get_shared_access_configs_by_dataset_id'
  | 'delete_shared_access_config_by_id';

export function collaborationOperations(_deps: ApiDeps): Operations<CollaborationOperation> {
  return {
    create_or_update_shared_access_config_by_dataset_id: missing,
    get_shared_access_configs_by_dataset_id: missing,
    delete_shared_access_config_by_id: missing,
  };
}
