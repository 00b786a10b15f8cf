import type { User } from '#contracts/access';
import { datasetName } from '#contracts/dataset-name';
import { ForbiddenError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { parseWith } from '#contracts/schema';
import { mayUse } from '#platform/access/dataset-access';
import { usableDataset, usableDatasets } from '#platform/access/usable-dataset';
import { newLandingDataset } from '#platform/datasets/datasets';
import { deleteDataset } from '#platform/datasets/delete-dataset';
import { renameDataset } from '#platform/datasets/rename-dataset';
import type { ApiDeps } from '../api-deps.ts';
import { type Operations, RowStream } from '../operation.ts';
import { datasetData } from '../wire/dataset-data.ts';

type DatasetsOperation =
  | 'create_dataset'
  | 'delete_dataset_by_id'
  | 'get_dataset_by_id'
  | 'update_dataset_by_id'
  | 'get_children_of_dataset_id'
  | 'register_dataset_upload_by_id';

type DatasetsDeps = Pick<
  ApiDeps,
  | 'datasets'
  | 'datasetContents'
  | 'embeddings'
  | 'samples'
  | 'sharedAccess'
  | 'scheduledRuns'
  | 'runs'
  | 'jobs'
  | 'jobQueue'
  | 'objects'
  | 'buckets'
  | 'now'
>;

export function datasetsOperations(deps: DatasetsDeps): Operations<DatasetsOperation> {
  const { datasets, buckets, objects, now } = deps;
  return {
    create_dataset: async ({ body, caller }) => {
      const { type = 'Images', imgType, parentDatasetId } = body;
      const name = parseWith(datasetName, body.name, 'The name of the dataset');
      if (parentDatasetId !== undefined) await usableDataset(caller, parentDatasetId, deps);
      const described = {
        ...{ userId: caller.id, type },
        ...(imgType && { imgType }),
        ...(parentDatasetId !== undefined && { parentDatasetId }),
      };
      const make = (id: string): Dataset => ({
        ...newLandingDataset(id, name, buckets, now()),
        ...described,
      });
      const { id } = await datasets.create(name, make);
      return { id };
    },
    get_dataset_by_id: async ({ dataset, caller }) => datasetData(dataset, caller),
    get_children_of_dataset_id: async ({ dataset, caller }) =>
      new RowStream(usableChildren(dataset, caller, deps)),
    update_dataset_by_id: async ({ dataset, body }) => {
      const name = parseWith(datasetName, body.name, 'The name of the dataset');
      await renameDataset(dataset, name, { datasets, landing: objects, landingBucket: buckets.landing });
      return undefined;
    },
    register_dataset_upload_by_id: async ({ dataset }) => {
      await datasets.touch(dataset.id);
      return undefined;
    },
    delete_dataset_by_id: async ({ dataset, caller, query }) => {
      if (!mayUse(caller, dataset.userId)) {
        throw new ForbiddenError(
          `Dataset '${dataset.id}' is shared with you. Its owner, or an administrator of the team, can delete it.`,
        );
      }
      await deleteDataset({ dataset, userId: caller.id, force: query.force ?? false }, deps);
      return undefined;
    },
  };
}

async function* usableChildren({ id }: Dataset, caller: User, deps: DatasetsDeps) {
  const find = usableDatasets(caller, deps);
  for await (const child of deps.datasets.listChildren(id)) {
    const usable = await find(child.id);
    if (usable) yield datasetData(usable, caller);
  }
}
