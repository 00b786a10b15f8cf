import { NotFoundError } from '#contracts/errors';
import { type MetadataConfiguration, metadataConfiguration } from '#contracts/metadata-configurations';
import { metadataConfigurationKey, metadataConfigurationsPartition } from '#contracts/table-keys';
import type { MetadataConfigurationStore } from '#platform/datasets/metadata-configurations';
import { dynamo } from './expression.ts';
import { itemCodec, withJsonFields } from './stored-item.ts';
import { getItem, putItemIfAbsent, type Table, updateItemIf } from './table.ts';
import { decodedItems, readPages } from './table-reads.ts';

const codec = withJsonFields(
  itemCodec<MetadataConfiguration>('metadata configuration', metadataConfiguration),
  ['configs'],
);

/** Metadata configurations in the table: one partition for each dataset. */
export function metadataConfigurationStore(table: Table): MetadataConfigurationStore {
  return {
    create: async (created) => {
      const { datasetId, id } = created;
      await putItemIfAbsent(table, codec.encode(created, metadataConfigurationKey(datasetId, id)));
    },
    get: async (datasetId, id) => {
      const item = await getItem(table, metadataConfigurationKey(datasetId, id));
      return item && codec.decode(item);
    },
    list: (datasetId) => {
      const range = { partition: metadataConfigurationsPartition(datasetId) };
      return decodedItems(codec, readPages(table, range));
    },
    replace: async ({ datasetId, id }, { name, configs }, at) => {
      const replaced = await updateItemIf(
        table,
        metadataConfigurationKey(datasetId, id),
        dynamo`SET #name = ${name}, #configs = ${JSON.stringify(configs)}, #lastModifiedAt = ${at}`,
        dynamo`attribute_exists(#pk)`,
      );
      if (!replaced) throw new NotFoundError('metadata configuration', id);
    },
  };
}
