import { NotFoundError } from '#contracts/errors';
import type { Run } from '#contracts/items';
import { canAdvanceRun, RUN_STATES, type RunState } from '#contracts/run-states';
import type { ObjectId } from '#contracts/schema';
import { allRunsIndexKey, runKey, runsIndexKey } from '#contracts/table-keys';
import { messagesAfterWait, messagesOfWait } from '#platform/runs/datasource-waits';
import type { RunStore } from '#platform/runs/runs';
import { dynamo, type Expression, isOneOf } from './expression.ts';
import { runCodec as codec, runLists } from './run-lists.ts';
import type { ItemKey } from './stored-item.ts';
import { getItem, putItemIfAbsent, type Table, updateItemIf } from './table.ts';

/** Changes a run where the condition holds, and returns the stored one. Throws NotFoundError where there is none. */
type ChangeRun = (runId: ObjectId, update: Expression, condition: Expression) => Promise<Run>;

const exists = dynamo`attribute_exists(#pk)`;

/** Runs in the table. */
export function runStore(table: Table): RunStore {
  const get = async (runId: ObjectId) => {
    const item = await getItem(table, runKey(runId));
    return item && codec.decode(item);
  };
  /** The run after the change, or as it is where the condition does not hold. */
  const change: ChangeRun = async (runId, update, condition) => {
    const item = await updateItemIf(table, runKey(runId), update, condition);
    const stored = item ? codec.decode(item) : await get(runId);
    if (!stored) throw new NotFoundError('run', runId);
    return stored;
  };
  return {
    create: async (created) => {
      if (await putItemIfAbsent(table, codec.encode(created, keyOf(created)))) return created;
      return (await get(created.id)) ?? created;
    },
    get,
    ...runLists(table),
    advance: async (runId, state, message, at) => {
      const entry = [{ at, state, message }];
      const forward = dynamo`SET #state = ${state}, #lastModifiedAt = ${at}, #messages = list_append(#messages, ${entry})`;
      return change(runId, forward, canAdvanceTo(state));
    },
    restate: async (run, message, at) => {
      const restated = [...run.messages.slice(0, -1), { at, state: run.state, message }];
      return change(run.id, dynamo`SET #messages = ${restated}, #lastModifiedAt = ${at}`, asRead(run));
    },
    takeOver: (runId, at) =>
      change(runId, dynamo`SET #heartbeatAt = ${at}, #attempts = #attempts + ${1}`, exists),
    takeUp: (...args) => takeUp(table, ...args),
    heartbeat: async (runId, at) => {
      await change(runId, dynamo`SET #heartbeatAt = ${at}`, dynamo`#heartbeatAt < ${at}`);
    },
    giveUp: async (runId) => {
      await change(runId, dynamo`SET #heartbeatAt = ${0}`, exists);
    },
    ...waitsOf(table, change),
    ...recordsOf(change),
  };
}

const asRead = ({ state, lastModifiedAt }: Run): Expression =>
  dynamo`#state = ${state} AND #lastModifiedAt = ${lastModifiedAt}`;

function waitsOf(table: Table, change: ChangeRun): Pick<RunStore, 'waitForDatasource' | 'goOn'> {
  return {
    waitForDatasource: (run, reason, at) => {
      const messages = messagesOfWait(run, reason, at);
      const waits = dynamo`SET #messages = ${messages}, #waitsForDatasource = ${true}, #lastModifiedAt = ${at}`;
      return change(run.id, waits, asRead(run));
    },
    goOn: async (run, at) => {
      const messages = messagesAfterWait(run.messages);
      const goesOn = dynamo`SET #messages = ${messages}, #lastModifiedAt = ${at} REMOVE #waitsForDatasource`;
      const isWaiting = dynamo`${asRead(run)} AND attribute_exists(#waitsForDatasource)`;
      const item = await updateItemIf(table, runKey(run.id), goesOn, isWaiting);
      return item && codec.decode(item);
    },
  };
}

async function takeUp(
  table: Table,
  ...[runId, { workerId, dockerVersion }, silentSince, at]: Parameters<RunStore['takeUp']>
): Promise<Run | undefined> {
  const taken = dynamo`SET #heartbeatAt = ${at}, #attempts = #attempts + ${1}, #workerId = ${workerId}, #dockerVersion = ${dockerVersion} REMOVE #inputKey`;
  const isFree = dynamo`#heartbeatAt <= ${silentSince} AND attribute_not_exists(#planKey)`;
  const item = await updateItemIf(table, runKey(runId), taken, isFree);
  return item && codec.decode(item);
}

/** What a run and the stages after it note down on it. */
function recordsOf(
  change: ChangeRun,
): Pick<RunStore, 'recordPlan' | 'recordInput' | 'recordTag' | 'recordFanOut' | 'recordArchive'> {
  return {
    recordPlan: async (runId, planKey) => {
      const isFirst = dynamo`${exists} AND attribute_not_exists(#planKey)`;
      const stored = await change(runId, dynamo`SET #planKey = ${planKey}`, isFirst);
      return stored.planKey ?? planKey;
    },
    recordInput: async ({ id, attempts }, inputKey) => {
      const isFirst = dynamo`${exists} AND #attempts = ${attempts} AND attribute_not_exists(#inputKey)`;
      await change(id, dynamo`SET #inputKey = ${inputKey}`, isFirst);
    },
    recordTag: async (runId, tagName) => {
      await change(runId, dynamo`SET #tagName = ${tagName}`, exists);
    },
    recordFanOut: async (runId, at) => {
      const isFirst = dynamo`${exists} AND attribute_not_exists(#fannedOutAt)`;
      await change(runId, dynamo`SET #fannedOutAt = ${at}`, isFirst);
    },
    recordArchive: async (runId, archive) => {
      await change(runId, dynamo`SET #archive = ${archive}`, exists);
    },
  };
}

/** `canAdvanceRun` as a condition: the stored state is one of those from which the run may go to `state`. */
function canAdvanceTo(state: RunState): Expression {
  const earlier = RUN_STATES.filter((from) => canAdvanceRun(from, state));
  // Nothing comes before the first state.
  return earlier.length > 0
    ? isOneOf('state', earlier)
    : dynamo`attribute_not_exists(#state) AND attribute_exists(#pk)`;
}

function keyOf({ id, datasetId, userId, createdAt }: Run): ItemKey {
  return {
    ...runKey(id),
    ...(datasetId !== undefined && runsIndexKey(datasetId, createdAt, id)),
    ...allRunsIndexKey({ id, userId, datasetId, createdAt }),
  };
}
