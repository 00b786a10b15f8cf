import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';
import { missing } from './missing.ts';

type EmbeddingsOperation =
  | 'get_embeddings_by_sample_id'
  | 'get_embeddings_by_dataset_id'
  | 'get_embeddings_csv_write_url_by_id'
  | 'delete_embedding_by_id'
  | 'set_embeddings_is_processed_flag_by_id'
  | 'get_embeddings_csv_read_url_by_id'
  | 'trigger2d_embeddings_job'
  | 'create_embeddings2d_by_embedding_id'
  | 'get_embeddings2d_by_embedding_id'
  | 'get_embedding2d_by_id'
  | 'trigger_sampling_by_id';

export function embeddingsOperations(_deps: ApiDeps): Operations<EmbeddingsOperation> {
  return {
    get_embeddings_by_sample_id: missing,
    get_embeddings_by_dataset_id: missing,
    get_embeddings_csv_write_url_by_id: missing,
    delete_embedding_by_id: missing,
    set_embeddings_is_processed_flag_by_id: missing,
    get_embeddings_csv_read_url_by_id: missing,
    trigger2d_embeddings_job: missing,
    create_embeddings2d_by_embedding_id: missing,
    get_embeddings2d_by_embedding_id: missing,
    get_embedding2d_by_id: missing,
    trigger_sampling_by_id: missing,
  };
}
