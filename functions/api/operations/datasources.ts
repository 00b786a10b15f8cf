import type { DatasourceConfig as StoredConfig } from '#contracts/datasources';
import { InvalidInputError, NotFoundError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { DatasourceConfig } from '#contracts/protocol/types.gen';
import { changeDatasource } from '#platform/datasources/configuration/change-datasource';
import { withoutSecret } from '#platform/datasources/configuration/masked-secrets';
import { configFor, type Datasource, datasourceOf, datasourcesOf } from '#platform/datasources/datasources';
import { verifyAndNote } from '#platform/datasources/verify-and-note';
import type { ApiDeps } from '../api-deps.ts';
import type { Operations } from '../operation.ts';

type DatasourcesOperation =
  | 'get_datasource_by_dataset_id'
  | 'update_datasource_by_dataset_id'
  | 'get_datasources_by_dataset_id'
  | 'get_datasource_processed_until_timestamp_by_dataset_id'
  | 'update_datasource_processed_until_timestamp_by_dataset_id'
  | 'verify_datasource_by_dataset_id';

type DatasourcesDeps = Pick<
  ApiDeps,
  | 'datasets'
  | 'datasources'
  | 'delegatedRoles'
  | 'externalIds'
  | 'inputBuckets'
  | 'datasourceStates'
  | 'syncQueue'
  | 'datasourceConnections'
  | 'now'
>;

/** The end of the year 9999. */
const LATEST_TIMESTAMP = 253_402_300_799;

export function datasourcesOperations(deps: DatasourcesDeps): Operations<DatasourcesOperation> {
  const stored = (dataset: Dataset) => deps.datasources.get(dataset.id);
  return {
    get_datasource_by_dataset_id: async ({ dataset, query }) => {
      const configured = await stored(dataset);
      const isForBoth = configFor(configured, 'INPUT_OUTPUT') !== undefined;
      if (query.purpose === 'INPUT_OUTPUT' && !isForBoth) {
        throw new NotFoundError('datasource', query.purpose);
      }
      return onTheWire(datasourceOf(dataset, configured, query.purpose === 'LIGHTLY' ? 'LIGHTLY' : 'INPUT'));
    },
    get_datasources_by_dataset_id: async ({ dataset }) =>
      datasourcesOf(dataset, await stored(dataset)).map(onTheWire),
    update_datasource_by_dataset_id: async ({ caller, dataset, body }) => {
      const { id: _, ...config } = body;
      await changeDatasource({ caller, dataset, config: config as StoredConfig }, deps);
      return undefined;
    },
    verify_datasource_by_dataset_id: async ({ dataset }) => (await verifyAndNote(dataset, deps)).verification,
    get_datasource_processed_until_timestamp_by_dataset_id: async ({ dataset }) => ({
      processedUntilTimestamp: Math.floor(dataset.processedUntil / 1000),
    }),
    update_datasource_processed_until_timestamp_by_dataset_id: async ({ dataset, body }) => {
      const { processedUntilTimestamp: seconds } = body;
      if (seconds > LATEST_TIMESTAMP) {
        throw new InvalidInputError(
          'processedUntilTimestamp must be in seconds since 1970, not milliseconds.',
        );
      }
      await deps.datasets.setProcessedUntil(dataset.id, seconds * 1000);
      return undefined;
    },
  };
}

function onTheWire({ id, config }: Datasource): DatasourceConfig {
  // Regions are checked by the contract when they come in.
  return { ...withoutSecret(config), id } as DatasourceConfig;
}
