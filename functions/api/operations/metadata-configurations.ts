import { NotFoundError } from '#contracts/errors';
import type { MetadataConfiguration } from '#contracts/metadata-configurations';
import type { ConfigurationData } from '#contracts/protocol/types.gen';
import { checkSize, createMetadataConfiguration } from '#platform/datasets/metadata-configurations';
import { mapped } from '#platform/rows';
import type { ApiDeps } from '../api-deps.ts';
import { type Operations, RowStream } from '../operation.ts';

type MetadataConfigurationsOperation =
  | 'create_meta_data_configuration'
  | 'get_meta_data_configurations'
  | 'get_meta_data_configuration_by_id'
  | 'update_meta_data_configuration_by_id';

export function metadataConfigurationsOperations(
  deps: Pick<ApiDeps, 'metadataConfigurations' | 'datasets' | 'now'>,
): Operations<MetadataConfigurationsOperation> {
  const { metadataConfigurations, now } = deps;
  return {
    create_meta_data_configuration: async ({ dataset, body }) => ({
      id: await createMetadataConfiguration(dataset.id, body, deps),
    }),
    get_meta_data_configurations: async ({ dataset }) =>
      new RowStream(mapped(metadataConfigurations.list(dataset.id), onTheWire)),
    get_meta_data_configuration_by_id: async ({ dataset, path }) => {
      const found = await metadataConfigurations.get(dataset.id, path.configurationId);
      if (!found) throw new NotFoundError('metadata configuration', path.configurationId);
      return onTheWire(found);
    },
    update_meta_data_configuration_by_id: async ({ dataset, path, body }) => {
      checkSize(body);
      await metadataConfigurations.replace({ datasetId: dataset.id, id: path.configurationId }, body, now());
      return undefined;
    },
  };
}

const onTheWire = ({ datasetId: _, configs, ...others }: MetadataConfiguration): ConfigurationData => ({
  ...others,
  // `null` where nothing else was said: the protocol wants the property to be there.
  configs: configs.map(({ defaultValue = null, ...entry }) => ({ ...entry, defaultValue })),
});
