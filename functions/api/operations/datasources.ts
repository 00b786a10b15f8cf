import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type DatasourcesOperation =
  | 'get_datasource_by_dataset_id'
  | 'update_datasource_by_dataset_id'
  | 'get_datasources_by_dataset_id'
  | 'get_datasource_processed_until_timestamp_by_dataset_id'
  | 'update_datasource_processed_until_timestamp_by_dataset_id'
  | 'verify_datasource_by_dataset_id';

export function datasourcesOperations(_deps: ApiDeps): Operations<DatasourcesOperation> {
  return {
    get_datasource_by_dataset_id: missing,
    update_datasource_by_dataset_id: missing,
    get_datasources_by_dataset_id: missing,
    get_datasource_processed_until_timestamp_by_dataset_id: missing,
    update_datasource_processed_until_timestamp_by_dataset_id: missing,
    verify_datasource_by_dataset_id: missing,
  };
}
