import { datasetKey } from '#contracts/table-keys';
import type { DatasetStore } from '#platform/datasets/datasets';
import { dynamo } from './expression.ts';
import { type Table, updateItemIf } from './table.ts';

/** How many samples a dataset has, and how many bytes their images. @param now ms */
export function datasetSamples(
  table: Table,
  now: () => number,
): Pick<DatasetStore, 'addSample' | 'addBytes'> {
  return {
    addSample: async (datasetId, index, bytes) => {
      const added = await updateItemIf(
        table,
        datasetKey(datasetId),
        dynamo`SET #sampleCount = ${index + 1}, #lastModifiedAt = ${now()} ADD #sizeInBytes ${bytes}`,
        dynamo`#sampleCount = ${index} AND attribute_not_exists(#lockedBy) AND attribute_not_exists(#deletedAt)`,
      );
      return added !== undefined;
    },
    addBytes: async (datasetId, bytes) => {
      await updateItemIf(
        table,
        datasetKey(datasetId),
        dynamo`ADD #sizeInBytes ${bytes}`,
        dynamo`attribute_exists(#pk)`,
      );
    },
  };
}
