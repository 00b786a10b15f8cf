import { NotFoundError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import type { DatasetStore } from './datasets.ts';

/** A dataset that is there; undefined where there is none, or it is being deleted. */
export async function findLivingDataset(
  datasetId: ObjectId,
  datasets: Pick<DatasetStore, 'get'>,
): Promise<Dataset | undefined> {
  const dataset = await datasets.get(datasetId);
  return dataset?.deletedAt === undefined ? dataset : undefined;
}

/** As {@link findLivingDataset}. @throws NotFoundError */
export async function livingDataset(
  datasetId: ObjectId,
  datasets: Pick<DatasetStore, 'get'>,
): Promise<Dataset> {
  const dataset = await findLivingDataset(datasetId, datasets);
  if (!dataset) throw new NotFoundError('dataset', datasetId);
  return dataset;
}
