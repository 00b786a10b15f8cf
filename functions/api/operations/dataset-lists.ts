import type { User } from '#contracts/access';
import { InvalidInputError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { usableDataset } from '#platform/access/usable-dataset';
import { type DatasetScope, visibleDatasetNamed, visibleDatasets } from '#platform/datasets/visible-datasets';
import { type PageRequest, pageOf } from '#platform/page';
import { mapped } from '#platform/rows';
import type { ApiDeps } from '../api-deps.ts';
import { type Operations, RowStream } from '../operation.ts';
import { datasetData, datasetDataEnriched } from '../wire/dataset-data.ts';

type DatasetListsOperation =
  | 'get_datasets'
  | 'get_datasets_enriched'
  | 'get_datasets_enriched_query_by_ids'
  | 'get_datasets_enriched_query_by_name'
  | 'get_datasets_query_by_name';

type DatasetListsDeps = Pick<
  ApiDeps,
  'datasets' | 'datasetContents' | 'embeddings' | 'samples' | 'sharedAccess' | 'runs'
>;

/** Ids that fit into a URL; each costs some reads. */
const MOST_IDS = 500;

export function datasetListsOperations(deps: DatasetListsDeps): Operations<DatasetListsOperation> {
  const enriched = (caller: User) => (dataset: Dataset) => datasetDataEnriched(dataset, caller, deps);
  const plain = (caller: User) => (dataset: Dataset) => datasetData(dataset, caller);
  return {
    get_datasets: async ({ caller, query }) =>
      new RowStream(mapped(pageOf(visibleDatasets(caller, query, deps), query), plain(caller))),
    get_datasets_enriched: async ({ caller, query }) => {
      const { limit = Number.POSITIVE_INFINITY } = query;
      const newest = pageOf(visibleDatasets(caller, query, deps), { pageSize: limit });
      return new RowStream(mapped(pageOf(newest, query), enriched(caller)));
    },
    get_datasets_query_by_name: async ({ caller, path, query }) =>
      new RowStream(mapped(named(caller, path.datasetName, query, deps), plain(caller))),
    get_datasets_enriched_query_by_name: async ({ caller, path, query }) =>
      new RowStream(mapped(named(caller, path.datasetName, query, deps), enriched(caller))),
    get_datasets_enriched_query_by_ids: async ({ caller, query }) => {
      const ids = [...new Set(query.datasetIds)];
      if (ids.length > MOST_IDS) {
        throw new InvalidInputError(
          `datasetIds holds at most ${MOST_IDS} ids. Ask for the others separately.`,
        );
      }
      const found: Dataset[] = [];
      for (const id of ids) found.push(await usableDataset(caller, id, deps));
      return new RowStream(mapped(found, enriched(caller)));
    },
  };
}

interface NameQuery extends DatasetScope, PageRequest {
  readonly exact?: boolean;
}

/** Of exactly this name, or, unless `exact` is set, whose name begins with it. */
function named(
  caller: User,
  name: string,
  query: NameQuery,
  deps: DatasetListsDeps,
): AsyncGenerator<Dataset> {
  const found = query.exact ? namedExactly(caller, name, query, deps) : beginning(caller, name, query, deps);
  return pageOf(found, query);
}

async function* namedExactly(caller: User, name: string, query: NameQuery, deps: DatasetListsDeps) {
  const found = await visibleDatasetNamed(caller, name, query, deps);
  if (found) yield found;
}

async function* beginning(caller: User, prefix: string, query: NameQuery, deps: DatasetListsDeps) {
  for await (const each of visibleDatasets(caller, query, deps)) if (each.name.startsWith(prefix)) yield each;
}
