import { type ScheduledRun, scheduledRun } from '#contracts/items';
import {
  ALL_SCHEDULED_RUNS_PARTITION,
  FINISHED_SORT_PREFIX,
  scheduledRunKey,
  scheduledRunsPartition,
  UNFINISHED_SORT_PREFIX,
  unfinishedRunsPartition,
} from '#contracts/table-keys';
import { isUnfinished, type ScheduledRunStore } from '#platform/scheduling/scheduled-runs';
import { itemCodec } from './stored-item.ts';
import type { Table } from './table.ts';
import { decodedItems, getItems, readIndexPages, readPages, withPrefix } from './table-reads.ts';

export const scheduledRunCodec = itemCodec<ScheduledRun>('scheduled run', scheduledRun);

type Lists = Pick<ScheduledRunStore, 'listUnfinished' | 'list' | 'listAllUnfinished' | 'listAllFinished'>;

/** The lists of scheduled runs. */
export const scheduledRunLists = (table: Table): Lists => ({
  listUnfinished: async (datasetId) => {
    const listed: ScheduledRun[] = [];
    for await (const page of readPages(table, { partition: unfinishedRunsPartition(datasetId) })) {
      const found = await getItems(
        table,
        page.map(({ sk }) => scheduledRunKey(sk)),
      );
      // A note may be there a moment longer than what it notes, or before it.
      listed.push(...[...found.values()].map(scheduledRunCodec.decode).filter(isUnfinished));
    }
    return listed.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
  },
  list: (datasetId) => {
    const range = { partition: scheduledRunsPartition(datasetId), descending: true };
    return decodedItems(scheduledRunCodec, readIndexPages(table, range));
  },
  listAllUnfinished: async function* () {
    const range = { partition: ALL_SCHEDULED_RUNS_PARTITION, ...withPrefix(UNFINISHED_SORT_PREFIX) };
    for await (const listed of decodedItems(scheduledRunCodec, readIndexPages(table, range, 'gsi2'))) {
      // The index follows the table some moments behind.
      if (isUnfinished(listed)) yield listed;
    }
  },
  listAllFinished: () => {
    const prefix = withPrefix(FINISHED_SORT_PREFIX);
    const range = { partition: ALL_SCHEDULED_RUNS_PARTITION, ...prefix, descending: true };
    return decodedItems(scheduledRunCodec, readIndexPages(table, range, 'gsi2'));
  },
});
