import { InvalidInputError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { QueryOf } from '#contracts/protocol/operations';
import { listDatasource, splitDatasource } from '#platform/datasources/listing/list-datasource';
import type { ListingKind } from '#platform/datasources/listing/listed-files';
import {
  type ListingScope,
  parseCursor,
  type RelevantSource,
} from '#platform/datasources/listing/listing-cursor';
import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';

type DatasourceListingsOperation =
  | 'get_list_of_raw_samples_from_datasource_by_dataset_id'
  | 'get_divide_and_conquer_list_of_raw_samples_from_datasource_by_dataset_id'
  | 'get_list_of_raw_samples_metadata_from_datasource_by_dataset_id'
  | 'get_divide_and_conquer_list_of_raw_samples_metadata_from_datasource_by_dataset_id'
  | 'get_list_of_raw_samples_predictions_from_datasource_by_dataset_id'
  | 'get_divide_and_conquer_list_of_raw_samples_predictions_from_datasource_by_dataset_id';

type ListingDeps = Pick<
  ApiDeps,
  'datasources' | 'datasourceConnections' | 'relevantLists' | 'publicTokens' | 'rawSamples' | 'syncs' | 'now'
>;

/** What the queries of all listings have, or may have: those of predictions have everything. */
type ListingQuery = Readonly<
  Partial<
    QueryOf<'get_list_of_raw_samples_predictions_from_datasource_by_dataset_id'> &
      QueryOf<'get_divide_and_conquer_list_of_raw_samples_predictions_from_datasource_by_dataset_id'>
  >
>;
interface ListingRequest {
  readonly dataset: Dataset;
  readonly query: ListingQuery;
  readonly baseUrl: string;
}

export function datasourceListingsOperations(deps: ListingDeps): Operations<DatasourceListingsOperation> {
  const list = (kind: ListingKind) => async (request: ListingRequest) => {
    const { dataset, query, baseUrl } = request;
    const scope = scopeOf(kind, query, deps.now());
    const cursor = query.cursor ? parseCursor(query.cursor, scope) : { scope };
    const areRedirected = query.useRedirectedReadUrl === true;
    const {
      hasMore,
      cursor: next,
      data,
    } = await listDatasource(dataset, cursor, { baseUrl, areRedirected }, deps);
    return { hasMore, cursor: next, data: [...data] };
  };
  const split = (kind: ListingKind) => async (request: ListingRequest) => {
    const { dataset, query } = request;
    const scope = scopeOf(kind, query, deps.now());
    return { cursors: await splitDatasource(dataset, scope, query.dncShards ?? 1, deps) };
  };
  return {
    get_list_of_raw_samples_from_datasource_by_dataset_id: list('samples'),
    get_divide_and_conquer_list_of_raw_samples_from_datasource_by_dataset_id: split('samples'),
    get_list_of_raw_samples_metadata_from_datasource_by_dataset_id: list('metadata'),
    get_divide_and_conquer_list_of_raw_samples_metadata_from_datasource_by_dataset_id: split('metadata'),
    get_list_of_raw_samples_predictions_from_datasource_by_dataset_id: list('predictions'),
    get_divide_and_conquer_list_of_raw_samples_predictions_from_datasource_by_dataset_id:
      split('predictions'),
  };
}

/** @param now ms: what is modified later belongs to the next listing */
function scopeOf(kind: ListingKind, query: ListingQuery, now: number): ListingScope {
  const { from = 0, to = Math.floor(now / 1000), taskName } = query;
  const relevant = relevantSourceOf(query);
  return {
    kind,
    ...(taskName !== undefined && { taskName }),
    from,
    to,
    ...(relevant && { relevant }),
  };
}

function relevantSourceOf(query: ListingQuery): RelevantSource | undefined {
  const { relevantFilenamesFileName: fileName, relevantFilenamesRunId: runId } = query;
  const { relevantFilenamesArtifactId: artifactId } = query;
  if ((runId === undefined) !== (artifactId === undefined)) {
    throw new InvalidInputError('relevantFilenamesRunId and relevantFilenamesArtifactId go together.');
  }
  if (runId !== undefined && artifactId !== undefined) {
    if (fileName === undefined) return { runId, artifactId };
    throw new InvalidInputError(
      'Relevant files come from relevantFilenamesFileName or from a run, not from both.',
    );
  }
  return fileName === undefined ? undefined : { fileName };
}
