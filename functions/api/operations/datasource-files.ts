import { signDocument, signPath } from '#platform/datasources/file-urls';
import type { ApiDeps } from '../api-deps.ts';
import { type Operations, Redirect } from '../operation.ts';

type DatasourceFilesOperation =
  | 'get_custom_embedding_file_read_url_from_datasource_by_dataset_id'
  | 'get_head_file_read_url_from_datasource_by_dataset_id'
  | 'get_metadata_file_read_url_from_datasource_by_dataset_id'
  | 'get_prediction_file_read_url_from_datasource_by_dataset_id'
  | 'get_prediction_file_write_url_from_datasource_by_dataset_id'
  | 'get_resource_read_url_redirect';

export function datasourceFilesOperations(
  deps: Pick<ApiDeps, 'datasources' | 'datasourceConnections'>,
): Operations<DatasourceFilesOperation> {
  return {
    get_custom_embedding_file_read_url_from_datasource_by_dataset_id: ({ dataset, query }) =>
      signDocument(dataset, { method: 'GET', kind: 'embeddings', fileName: query.fileName }, deps),
    get_metadata_file_read_url_from_datasource_by_dataset_id: ({ dataset, query }) =>
      signDocument(dataset, { method: 'GET', kind: 'metadata', fileName: query.fileName }, deps),
    get_prediction_file_read_url_from_datasource_by_dataset_id: ({ dataset, query }) =>
      signDocument(dataset, { method: 'GET', kind: 'predictions', fileName: query.fileName }, deps),
    get_prediction_file_write_url_from_datasource_by_dataset_id: ({ dataset, query }) =>
      signDocument(dataset, { method: 'PUT', kind: 'predictions', fileName: query.fileName }, deps),
    get_head_file_read_url_from_datasource_by_dataset_id: ({ dataset, query }) =>
      signPath(dataset, { method: 'HEAD', path: query.fileName, parameter: 'fileName' }, deps),
    get_resource_read_url_redirect: async ({ dataset, query }) =>
      new Redirect(await signPath(dataset, { method: 'GET', path: query.path, parameter: 'path' }, deps)),
  };
}
