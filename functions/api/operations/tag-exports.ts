import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type TagExportsOperation =
  | 'export_tag_to_label_box_data_rows'
  | 'export_tag_to_label_box_v4_data_rows'
  | 'export_tag_to_label_studio_tasks'
  | 'export_tag_to_sama_tasks'
  | 'export_tag_to_basic_filenames'
  | 'export_tag_to_basic_filenames_and_read_urls'
  | 'download_zip_of_samples_by_tag_id'
  | 'get_filenames_by_tag_id';

export function tagExportsOperations(_deps: ApiDeps): Operations<TagExportsOperation> {
  return {
    export_tag_to_label_box_data_rows: missing,
    export_tag_to_label_box_v4_data_rows: missing,
    export_tag_to_label_studio_tasks: missing,
    export_tag_to_sama_tasks: missing,
    export_tag_to_basic_filenames: missing,
    export_tag_to_basic_filenames_and_read_urls: missing,
    download_zip_of_samples_by_tag_id: missing,
    get_filenames_by_tag_id: missing,
  };
}
