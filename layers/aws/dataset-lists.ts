import type { Dataset } from '#contracts/items';
import {
  childDatasetsPartition,
  datasetKey,
  datasetsIndexKey,
  deletedDatasetsIndexKey,
  ownedDatasetsPartition,
  SECOND_INDEX_NAME,
} from '#contracts/table-keys';
import type { DatasetStore } from '#platform/datasets/datasets';
import { datasetCodec } from './dataset-names.ts';
import type { StoredItem } from './stored-item.ts';
import type { Table } from './table.ts';
import { decodedItems, getItems, readIndexPages, readPages } from './table-reads.ts';

type DatasetLists = Pick<DatasetStore, 'list' | 'listOwned' | 'listChildren' | 'listDeleted'>;

/** Lists of datasets, each a range of an index or of a partition. */
export function datasetLists(table: Table): DatasetLists {
  const all = datasetsIndexKey(0, '').gsi1pk;
  const deleted = deletedDatasetsIndexKey(0, '').gsi1pk;
  return {
    list: (order) =>
      onlyLive(readIndexPages(table, { partition: all, descending: order?.newestFirst ?? false })),
    listOwned: (userId) => {
      const range = { partition: ownedDatasetsPartition(userId), descending: true };
      return onlyLive(readIndexPages(table, range, SECOND_INDEX_NAME));
    },
    listChildren: (parentId) => listChildren(table, parentId),
    listDeleted: () => decodedItems(datasetCodec, readIndexPages(table, { partition: deleted })),
  };
}

/** An index follows the table some moments behind. */
async function* onlyLive(pages: AsyncIterable<readonly StoredItem[]>): AsyncGenerator<Dataset> {
  for await (const listed of decodedItems(datasetCodec, pages)) {
    if (listed.deletedAt === undefined) yield listed;
  }
}

async function* listChildren(table: Table, parentId: string): AsyncGenerator<Dataset> {
  for await (const page of readPages(table, { partition: childDatasetsPartition(parentId) })) {
    const found = await getItems(
      table,
      page.map(({ sk }) => datasetKey(sk)),
    );
    for (const item of found.values()) {
      const child = datasetCodec.decode(item);
      if (child.parentDatasetId === parentId && child.deletedAt === undefined) yield child;
    }
  }
}
