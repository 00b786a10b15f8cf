import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type ScoresOperation =
  | 'create_or_update_active_learning_v2_score_by_dataset_id'
  | 'get_active_learning_v2_scores_by_dataset_id'
  | 'get_active_learning_v2_score_by_dataset_and_score_id'
  | 'create_or_update_active_learning_score_by_tag_id'
  | 'get_active_learning_scores_by_tag_id'
  | 'get_active_learning_score_by_score_id';

export function scoresOperations(_deps: ApiDeps): Operations<ScoresOperation> {
  return {
    create_or_update_active_learning_v2_score_by_dataset_id: missing,
    get_active_learning_v2_scores_by_dataset_id: missing,
    get_active_learning_v2_score_by_dataset_and_score_id: missing,
    create_or_update_active_learning_score_by_tag_id: missing,
    get_active_learning_scores_by_tag_id: missing,
    get_active_learning_score_by_score_id: missing,
  };
}
