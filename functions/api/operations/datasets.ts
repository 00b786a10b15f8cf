import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type DatasetsOperation =
  | 'create_dataset'
  | 'get_datasets'
  | 'get_datasets_enriched'
  | 'get_datasets_enriched_query_by_ids'
  | 'get_datasets_enriched_query_by_name'
  | 'get_datasets_query_by_name'
  | 'delete_dataset_by_id'
  | 'get_dataset_by_id'
  | 'update_dataset_by_id'
  | 'get_children_of_dataset_id'
  | 'register_dataset_upload_by_id';

export function datasetsOperations(_deps: ApiDeps): Operations<DatasetsOperation> {
  return {
    create_dataset: missing,
    get_datasets: missing,
    get_datasets_enriched: missing,
    get_datasets_enriched_query_by_ids: missing,
    get_datasets_enriched_query_by_name: missing,
    get_datasets_query_by_name: missing,
    delete_dataset_by_id: missing,
    get_dataset_by_id: missing,
    update_dataset_by_id: missing,
    get_children_of_dataset_id: missing,
    register_dataset_upload_by_id: missing,
  };
}
