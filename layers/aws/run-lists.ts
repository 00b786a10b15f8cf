import { type Run, run } from '#contracts/items';
import {
  ALL_RUNS_PARTITION,
  runIdOfIndexKey,
  runIndexEntry,
  runKey,
  runsPartition,
} from '#contracts/table-keys';
import type { RunStore } from '#platform/runs/runs';
import { itemCodec } from './stored-item.ts';
import type { Table } from './table.ts';
import {
  decodedItems,
  getItems,
  itemsOf,
  keyText,
  readIndexEntryPages,
  readIndexPages,
} from './table-reads.ts';

export const runCodec = itemCodec<Run>('run', run);

/** Runs that are read at a time: whoever lists them looks for the newest of some kind, and stops there. */
const RUNS_PER_READ = 10;

/** The lists of runs. */
export function runLists(table: Table): Pick<RunStore, 'getMany' | 'list' | 'listIds' | 'listEntries'> {
  const ofDataset = (datasetId: string) => ({ partition: runsPartition(datasetId), descending: true });
  return {
    getMany: async (runIds) => {
      const keys = runIds.map(runKey);
      const found = await getItems(table, keys);
      return keys.flatMap((key) => found.get(keyText(key)) ?? []).map(runCodec.decode);
    },
    list: (datasetId) =>
      decodedItems(runCodec, readIndexPages(table, { ...ofDataset(datasetId), pageSize: RUNS_PER_READ })),
    listIds: async function* (datasetId) {
      for await (const { gsi1sk = '' } of itemsOf(readIndexEntryPages(table, ofDataset(datasetId)))) {
        yield runIdOfIndexKey(gsi1sk);
      }
    },
    listEntries: async function* () {
      const range = { partition: ALL_RUNS_PARTITION, descending: true };
      for await (const { gsi2sk = '' } of itemsOf(readIndexEntryPages(table, range, 'gsi2'))) {
        yield runIndexEntry(gsi2sk);
      }
    },
  };
}
