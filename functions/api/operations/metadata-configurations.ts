import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type MetadataConfigurationsOperation =
  | 'create_meta_data_configuration'
  | 'get_meta_data_configurations'
  | 'get_meta_data_configuration_by_id'
  | 'update_meta_data_configuration_by_id';

export function metadataConfigurationsOperations(
  _deps: ApiDeps,
): Operations<MetadataConfigurationsOperation> {
  return {
    create_meta_data_configuration: missing,
    get_meta_data_configurations: missing,
    get_meta_data_configuration_by_id: missing,
    update_meta_data_configuration_by_id: missing,
  };
}
