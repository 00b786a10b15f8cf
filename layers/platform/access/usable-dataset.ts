import type { User } from '#contracts/access';
import type { Dataset } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import type { DatasetStore } from '../datasets/datasets.ts';
import { findLivingDataset, livingDataset } from '../datasets/living-dataset.ts';
import { checkDatasetAccess, mayUseDataset } from './dataset-access.ts';
import type { SharedAccessStore } from './users.ts';

export interface DatasetAccessDeps {
  readonly datasets: Pick<DatasetStore, 'get'>;
  readonly sharedAccess: Pick<SharedAccessStore, 'list'>;
}

/** @throws NotFoundError where there is none, or it is being deleted; ForbiddenError where the caller may not use it */
export async function usableDataset(
  caller: User,
  datasetId: ObjectId,
  { datasets, sharedAccess }: DatasetAccessDeps,
): Promise<Dataset> {
  const dataset = await livingDataset(datasetId, datasets);
  await checkDatasetAccess(caller, dataset, sharedAccess);
  return dataset;
}

/** A dataset that is there, and whether the caller may use it. */
export interface FoundDataset {
  readonly dataset: Dataset;
  readonly isUsable: boolean;
}

/** Undefined where there is no such dataset, or it is being deleted. */
export type FindDataset = (datasetId: ObjectId) => Promise<FoundDataset | undefined>;

export const datasetFinder =
  (caller: User, { datasets, sharedAccess }: DatasetAccessDeps): FindDataset =>
  async (datasetId) => {
    const dataset = await findLivingDataset(datasetId, datasets);
    return dataset && { dataset, isUsable: await mayUseDataset(caller, dataset, sharedAccess) };
  };

/** Datasets that are remembered while a list is made: its rows are of few of them. */
const MOST_REMEMBERED = 1_000;

/** As {@link datasetFinder}, for the rows of one list: each dataset is looked up once. */
export function rememberingDatasetFinder(caller: User, deps: DatasetAccessDeps): FindDataset {
  const find = datasetFinder(caller, deps);
  const remembered = new Map<ObjectId, ReturnType<FindDataset>>();
  return (datasetId) => {
    const known = remembered.get(datasetId);
    if (known) return known;
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    const found = find(datasetId);
    remembered.set(datasetId, found);
    return found;
  };
}

/** A dataset by its id, where it is there and one may use it. */
export type UsableDatasets = (datasetId: ObjectId) => Promise<Dataset | undefined>;

/** What the caller may use of the datasets that the rows of one list name. */
export function usableDatasets(caller: User, deps: DatasetAccessDeps): UsableDatasets {
  const find = rememberingDatasetFinder(caller, deps);
  return async (datasetId) => {
    const found = await find(datasetId);
    return found?.isUsable ? found.dataset : undefined;
  };
}
