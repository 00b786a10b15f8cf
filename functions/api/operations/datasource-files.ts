import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type DatasourceFilesOperation =
  | 'get_custom_embedding_file_read_url_from_datasource_by_dataset_id'
  | 'get_head_file_read_url_from_datasource_by_dataset_id'
  | 'get_metadata_file_read_url_from_datasource_by_dataset_id'
  | 'get_prediction_file_read_url_from_datasource_by_dataset_id'
  | 'get_prediction_file_write_url_from_datasource_by_dataset_id'
  | 'get_resource_read_url_redirect';

export function datasourceFilesOperations(_deps: ApiDeps): Operations<DatasourceFilesOperation> {
  return {
    get_custom_embedding_file_read_url_from_datasource_by_dataset_id: missing,
    get_head_file_read_url_from_datasource_by_dataset_id: missing,
    get_metadata_file_read_url_from_datasource_by_dataset_id: missing,
    get_prediction_file_read_url_from_datasource_by_dataset_id: missing,
    get_prediction_file_write_url_from_datasource_by_dataset_id: missing,
    get_resource_read_url_redirect: missing,
  };
}
