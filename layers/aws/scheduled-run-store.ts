import { NotFoundError } from '#contracts/errors';
import type { ScheduledRun } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import {
  allScheduledRunsIndexKey,
  FINISHED_SORT_PREFIX,
  scheduledRunKey,
  scheduledRunsIndexKey,
  UNFINISHED_SORT_PREFIX,
  unfinishedRunKey,
} from '#contracts/table-keys';
import { isUnfinished, type ScheduledRunStore } from '#platform/scheduling/scheduled-runs';
import { dynamo, type Expression } from './expression.ts';
import { scheduledRunCodec as codec, scheduledRunLists } from './scheduled-run-lists.ts';
import {
  deleteItemIf,
  getItem,
  putItem,
  putItemIfAbsent,
  type Table,
  untilSettled,
  updateItemIf,
} from './table.ts';

const isOpen = dynamo`#state = ${'OPEN'}`;
const isLocked = dynamo`#state = ${'LOCKED'}`;

/**
 * Scheduled runs in the table. A note of each unfinished one lies in a partition of its dataset, from before it is
 * made until after it has ended: a program that has just scheduled a run and does not find it takes it for canceled.
 */
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
    create: async (created) => {
      if (!(await createScheduledRun(table, created))) await forgetIfFinished(table, await get(created.id));
    },
    get,
    ...scheduledRunLists(table),
    lock: async (scheduledId, runId, at, by) => {
      const worker = by === undefined ? dynamo`` : dynamo`, #workerId = ${by.workerId}`;
      const plan = by?.handsInPlan ? dynamo`, #handsInPlan = ${true}` : dynamo``;
      const lock = dynamo`SET #state = ${'LOCKED'}, #runId = ${runId}, #lastModifiedAt = ${at}${worker}${plan}`;
      return (await change(scheduledId, lock, isOpen)) ?? existing(scheduledId);
    },
    reopen: async (scheduledId, workerId, at) => {
      const open = dynamo`SET #state = ${'OPEN'}, #lastModifiedAt = ${at} REMOVE #workerId, #handsInPlan`;
      const isIts = dynamo`${isLocked} AND #workerId = ${workerId} AND #handsInPlan = ${true} AND attribute_not_exists(#cancelRequested)`;
      return (await change(scheduledId, open, isIts)) !== undefined;
    },
    adjust: async (scheduledId, { priority, runsOn }, at) => {
      const urgency = priority === undefined ? dynamo`` : dynamo`, #priority = ${priority}`;
      const labels = runsOn === undefined ? dynamo`` : dynamo`, #runsOn = ${runsOn}`;
      const adjustment = dynamo`SET #lastModifiedAt = ${at}${urgency}${labels}`;
      return (await change(scheduledId, adjustment, isOpen)) !== undefined;
    },
    finish: async (scheduledId, at) => {
      const done = await change(scheduledId, ending('DONE', scheduledId, at), isLocked);
      await forgetIfFinished(table, done ?? (await get(scheduledId)));
    },
    cancel: (scheduledId, at) => cancel(table, { scheduledId, at, change, existing }),
  };
}

interface Cancellation {
  readonly scheduledId: ObjectId;
  readonly at: number;
  readonly change: (
    scheduledId: ObjectId,
    update: Expression,
    condition: Expression,
  ) => Promise<ScheduledRun | undefined>;
  readonly existing: (scheduledId: ObjectId) => Promise<ScheduledRun>;
}

async function cancel(
  table: Table,
  { scheduledId, at, change, existing }: Cancellation,
): Promise<ScheduledRun> {
  const mark = dynamo`SET #cancelRequested = ${true}, #lastModifiedAt = ${at}`;
  const stored = await untilSettled(async () => {
    const changed =
      (await change(scheduledId, ending('CANCELED', scheduledId, at), isOpen)) ??
      (await change(scheduledId, mark, dynamo`${isLocked} AND attribute_not_exists(#cancelRequested)`));
    if (changed) return changed;
    const found = await existing(scheduledId);
    // It was opened again between the two.
    return found.state === 'OPEN' ? undefined : found;
  });
  await forgetIfFinished(table, stored);
  return stored;
}

function ending(state: 'DONE' | 'CANCELED', scheduledId: ObjectId, at: number): Expression {
  const { gsi2pk, gsi2sk } = allScheduledRunsIndexKey(FINISHED_SORT_PREFIX, at, scheduledId);
  return dynamo`SET #state = ${state}, #lastModifiedAt = ${at}, #gsi2pk = ${gsi2pk}, #gsi2sk = ${gsi2sk}`;
}

async function createScheduledRun(table: Table, created: ScheduledRun): Promise<boolean> {
  const { id, datasetId, createdAt } = created;
  await putItem(table, { ...unfinishedRunKey(datasetId, id) });
  const key = {
    ...scheduledRunKey(id),
    ...scheduledRunsIndexKey(datasetId, createdAt, id),
    ...allScheduledRunsIndexKey(UNFINISHED_SORT_PREFIX, createdAt, id),
  };
  return putItemIfAbsent(table, codec.encode(created, key));
}

/** Takes the note of a scheduled run that has ended away. */
async function forgetIfFinished(table: Table, stored: ScheduledRun | undefined): Promise<void> {
  if (!stored || isUnfinished(stored)) return;
  await deleteItemIf(table, unfinishedRunKey(stored.datasetId, stored.id), dynamo`attribute_exists(#pk)`);
}
