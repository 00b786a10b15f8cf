import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type SamplesOperation =
  | 'create_sample_by_dataset_id'
  | 'get_samples_by_dataset_id'
  | 'get_samples_partial_by_dataset_id'
  | 'create_sample_with_write_urls_by_dataset_id'
  | 'get_sample_by_id'
  | 'update_sample_by_id'
  | 'get_sample_image_read_url_by_id'
  | 'get_sample_image_resource_redirect_by_id'
  | 'get_sample_image_write_url_by_id'
  | 'get_sample_image_write_urls_by_id'
  | 'get_sample_mappings_by_dataset_id';

export function samplesOperations(_deps: ApiDeps): Operations<SamplesOperation> {
  return {
    create_sample_by_dataset_id: missing,
    get_samples_by_dataset_id: missing,
    get_samples_partial_by_dataset_id: missing,
    create_sample_with_write_urls_by_dataset_id: missing,
    get_sample_by_id: missing,
    update_sample_by_id: missing,
    get_sample_image_read_url_by_id: missing,
    get_sample_image_resource_redirect_by_id: missing,
    get_sample_image_write_url_by_id: missing,
    get_sample_image_write_urls_by_id: missing,
    get_sample_mappings_by_dataset_id: missing,
  };
}
