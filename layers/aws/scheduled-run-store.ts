import { NotFoundError } from '#contracts/errors';
import { type ScheduledRun, scheduledRun } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import { scheduledRunKey, scheduledRunsIndexKey, scheduledRunsPartition } from '#contracts/table-keys';
import type { ScheduledRunStore } from '#platform/scheduling/scheduled-runs';
import { dynamo, type Expression } from './expression.ts';
import { itemCodec } from './stored-item.ts';
import { getItem, putItemIfAbsent, type Table, updateItemIf } from './table.ts';
import { itemsOf, readIndexPages } from './table-reads.ts';

const codec = itemCodec<ScheduledRun>('scheduled run', scheduledRun);

const isOpen = dynamo`#state = ${'OPEN'}`;
const isLocked = dynamo`#state = ${'LOCKED'}`;

/** Scheduled runs in the table. They are in the index of their dataset until they are DONE or CANCELED. */
export function scheduledRunStore(table: Table): ScheduledRunStore {
  const change = async (scheduledId: ObjectId, update: Expression, condition: Expression) => {
    const item = await updateItemIf(table, scheduledRunKey(scheduledId), update, condition);
    return item && codec.decode(item);
  };
  const get = async (scheduledId: ObjectId) => {
    const item = await getItem(table, scheduledRunKey(scheduledId));
    return item && codec.decode(item);
  };
  const existing = async (scheduledId: ObjectId): Promise<ScheduledRun> => {
    const stored = await get(scheduledId);
    if (!stored) throw new NotFoundError('scheduled run', scheduledId);
    return stored;
  };
  return {
    create: (created) => createScheduledRun(table, created),
    get,
    listUnfinished: (datasetId) => listUnfinished(table, datasetId),
    lock: async (scheduledId, runId, at) => {
      const lock = dynamo`SET #state = ${'LOCKED'}, #runId = ${runId}, #lastModifiedAt = ${at}`;
      return (await change(scheduledId, lock, isOpen)) ?? existing(scheduledId);
    },
    finish: async (scheduledId, at) => {
      const finish = dynamo`SET #state = ${'DONE'}, #lastModifiedAt = ${at} REMOVE #gsi1pk, #gsi1sk`;
      await change(scheduledId, finish, isLocked);
    },
    cancel: async (scheduledId, at) => {
      const end = dynamo`SET #state = ${'CANCELED'}, #lastModifiedAt = ${at} REMOVE #gsi1pk, #gsi1sk`;
      const mark = dynamo`SET #cancelRequested = ${true}, #lastModifiedAt = ${at}`;
      return (
        (await change(scheduledId, end, isOpen)) ??
        // A state only moves on: what is not OPEN will not become it, so nothing slips through between these two.
        (await change(scheduledId, mark, dynamo`${isLocked} AND attribute_not_exists(#cancelRequested)`)) ??
        existing(scheduledId)
      );
    },
  };
}

async function createScheduledRun(table: Table, created: ScheduledRun): Promise<void> {
  const { id, datasetId, createdAt } = created;
  const key = { ...scheduledRunKey(id), ...scheduledRunsIndexKey(datasetId, createdAt, id) };
  await putItemIfAbsent(table, codec.encode(created, key));
}

async function listUnfinished(table: Table, datasetId: ObjectId): Promise<ScheduledRun[]> {
  const unfinished: ScheduledRun[] = [];
  for await (const item of itemsOf(readIndexPages(table, { partition: scheduledRunsPartition(datasetId) }))) {
    const listed = codec.decode(item);
    // The index follows the table some moments behind.
    if (listed.state === 'OPEN' || listed.state === 'LOCKED') unfinished.push(listed);
  }
  return unfinished;
}
