import { type ExportRecord, exportRecord } from '#contracts/export-record';
import { exportKey, exportSortPrefix, exportsPartition } from '#contracts/table-keys';
import type { ExportStore } from '#platform/exports/exports';
import { itemCodec } from './stored-item.ts';
import { getItem, putItem, type Table } from './table.ts';
import { decodedItems, readPages, withPrefix } from './table-reads.ts';

const codec = itemCodec<ExportRecord>('export', exportRecord);

/** Written exports in the table. */
export function exportStore(table: Table): ExportStore {
  return {
    put: async (written) =>
      putItem(table, codec.encode(written, exportKey(written.datasetId, written.runId, written.format))),
    get: async (datasetId, runId, format) => {
      const item = await getItem(table, exportKey(datasetId, runId, format));
      return item && codec.decode(item);
    },
    listForRun: async (datasetId, runId) => {
      const range = { partition: exportsPartition(datasetId), ...withPrefix(exportSortPrefix(runId)) };
      return Array.fromAsync(decodedItems(codec, readPages(table, range)));
    },
  };
}
