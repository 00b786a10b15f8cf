import type { PathOf } from './operations.ts';

/**
 * Paths of the operations that documents and URLs of Winnow's lead to, as the contract has them. Apart from the
 * contract, so that a function which writes a URL need not load all of it.
 */
export const LINKED_PATHS = {
  get_dataset_by_id: '/v1/datasets/{datasetId}',
  get_docker_run_by_id: '/v1/docker/runs/{runId}',
  get_resource_read_url_redirect: '/v1/datasets/{datasetId}/datasource/readurlRedirect',
  get_sample_image_resource_redirect_by_id: '/v1/datasets/{datasetId}/samples/{sampleId}/readurlRedirect',
} as const;
export type LinkedOperation = keyof typeof LINKED_PATHS;

/** Path of an operation with these parameters, below the API's base URL. */
export const pathOf = <Id extends LinkedOperation>(id: Id, parameters: Readonly<PathOf<Id>>): string =>
  LINKED_PATHS[id].replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String(parameters[name as keyof PathOf<Id>])),
  );
