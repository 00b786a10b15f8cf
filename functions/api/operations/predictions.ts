import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type PredictionsOperation =
  | 'get_predictions_by_dataset_id'
  | 'create_or_update_prediction_by_sample_id'
  | 'get_predictions_by_sample_id'
  | 'create_or_update_prediction_task_schema_by_dataset_id'
  | 'get_prediction_task_schemas_by_dataset_id'
  | 'get_prediction_task_schema_by_task_name';

export function predictionsOperations(_deps: ApiDeps): Operations<PredictionsOperation> {
  return {
    get_predictions_by_dataset_id: missing,
    create_or_update_prediction_by_sample_id: missing,
    get_predictions_by_sample_id: missing,
    create_or_update_prediction_task_schema_by_dataset_id: missing,
    get_prediction_task_schemas_by_dataset_id: missing,
    get_prediction_task_schema_by_task_name: missing,
  };
}
