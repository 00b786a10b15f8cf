import type { User } from '#contracts/access';
import { ForbiddenError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import { checkDatasetAccess } from '../access/dataset-access.ts';
import type { SharedAccessStore } from '../access/users.ts';
import type { DatasetStore } from './datasets.ts';

/** A dataset by its id, where it is there and one may use it. */
export type UsableDatasets = (datasetId: ObjectId) => Promise<Dataset | undefined>;

/** Datasets that are remembered while a list is made: its rows are of few of them. */
const MOST_REMEMBERED = 1_000;

export interface UsableDatasetsDeps {
  readonly datasets: Pick<DatasetStore, 'get'>;
  readonly sharedAccess: Pick<SharedAccessStore, 'list'>;
}

/** What the caller may use of the datasets that the rows of one list name; each is looked up once. */
export function usableDatasets(caller: User, deps: UsableDatasetsDeps): UsableDatasets {
  const remembered = new Map<ObjectId, Promise<Dataset | undefined>>();
  const find: UsableDatasets = async (datasetId) => {
    const dataset = await deps.datasets.get(datasetId);
    if (!dataset || dataset.deletedAt !== undefined) return undefined;
    return (await mayUseDataset(caller, dataset, deps.sharedAccess)) ? dataset : undefined;
  };
  return (datasetId) => {
    const known = remembered.get(datasetId);
    if (known) return known;
    if (remembered.size >= MOST_REMEMBERED) remembered.clear();
    const found = find(datasetId);
    remembered.set(datasetId, found);
    return found;
  };
}

async function mayUseDataset(
  caller: User,
  dataset: Dataset,
  sharedAccess: Pick<SharedAccessStore, 'list'>,
): Promise<boolean> {
  try {
    await checkDatasetAccess(caller, dataset, sharedAccess);
    return true;
  } catch (error) {
    if (error instanceof ForbiddenError) return false;
    throw error;
  }
}
