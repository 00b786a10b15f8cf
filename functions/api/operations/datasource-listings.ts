import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type DatasourceListingsOperation =
  | 'get_list_of_raw_samples_from_datasource_by_dataset_id'
  | 'get_divide_and_conquer_list_of_raw_samples_from_datasource_by_dataset_id'
  | 'get_list_of_raw_samples_metadata_from_datasource_by_dataset_id'
  | 'get_divide_and_conquer_list_of_raw_samples_metadata_from_datasource_by_dataset_id'
  | 'get_list_of_raw_samples_predictions_from_datasource_by_dataset_id'
  | 'get_divide_and_conquer_list_of_raw_samples_predictions_from_datasource_by_dataset_id';

export function datasourceListingsOperations(_deps: ApiDeps): Operations<DatasourceListingsOperation> {
  return {
    get_list_of_raw_samples_from_datasource_by_dataset_id: missing,
    get_divide_and_conquer_list_of_raw_samples_from_datasource_by_dataset_id: missing,
    get_list_of_raw_samples_metadata_from_datasource_by_dataset_id: missing,
    get_divide_and_conquer_list_of_raw_samples_metadata_from_datasource_by_dataset_id: missing,
    get_list_of_raw_samples_predictions_from_datasource_by_dataset_id: missing,
    get_divide_and_conquer_list_of_raw_samples_predictions_from_datasource_by_dataset_id: missing,
  };
}
