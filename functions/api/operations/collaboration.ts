import type { SharedAccess } from '#contracts/access';
import type { SharedAccessConfigData } from '#contracts/protocol/types.gen';
import { shareDataset, stopSharing } from '#platform/access/share-dataset';
import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';

type CollaborationOperation =
  | 'create_or_update_shared_access_config_by_dataset_id'
  | 'get_shared_access_configs_by_dataset_id'
  | 'delete_shared_access_config_by_id';

export function collaborationOperations(
  deps: Pick<ApiDeps, 'sharedAccess' | 'now'>,
): Operations<CollaborationOperation> {
  return {
    create_or_update_shared_access_config_by_dataset_id: async ({ caller, dataset, body }) => ({
      id: await shareDataset(caller, dataset, body, deps),
    }),
    get_shared_access_configs_by_dataset_id: async ({ dataset }) =>
      (await deps.sharedAccess.list(dataset.id)).map(onTheWire),
    delete_shared_access_config_by_id: async ({ caller, dataset, path }) => {
      await stopSharing(caller, dataset, path.accessConfigId, deps);
      return undefined;
    },
  };
}

const onTheWire = ({ datasetId: _, ...others }: SharedAccess): SharedAccessConfigData => others;
