import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type TagsOperation =
  | 'create_tag_by_dataset_id'
  | 'get_tags_by_dataset_id'
  | 'perform_tag_arithmetics'
  | 'perform_tag_arithmetics_bitmask'
  | 'create_initial_tag_by_dataset_id'
  | 'upsize_tags_by_dataset_id'
  | 'delete_tag_by_tag_id'
  | 'get_tag_by_tag_id'
  | 'update_tag_by_tag_id';

export function tagsOperations(_deps: ApiDeps): Operations<TagsOperation> {
  return {
    create_tag_by_dataset_id: missing,
    get_tags_by_dataset_id: missing,
    perform_tag_arithmetics: missing,
    perform_tag_arithmetics_bitmask: missing,
    create_initial_tag_by_dataset_id: missing,
    upsize_tags_by_dataset_id: missing,
    delete_tag_by_tag_id: missing,
    get_tag_by_tag_id: missing,
    update_tag_by_tag_id: missing,
  };
}
