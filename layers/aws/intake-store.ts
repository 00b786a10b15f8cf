import { type Intake, intake } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import { intakeKey } from '#contracts/table-keys';
import { type IntakeStore, LOST_CHECK_AFTER_MS } from '#platform/scheduling/intake';
import { dynamo } from './expression.ts';
import { itemCodec } from './stored-item.ts';
import { deleteItemIf, getItem, putItemIfAbsent, type Table, untilSettled, updateItemIf } from './table.ts';

const codec = itemCodec<Intake>('intake', intake);

type Arrival = Parameters<IntakeStore['noteArrival']>[0];
type NotedArrival = Awaited<ReturnType<IntakeStore['noteArrival']>>;

/**
 * The debounce of each dataset in the table. Every arrival moves `lastArrivalAt` by at least one millisecond, also
 * where two come in the same one or a clock is behind, so that `close` can tell that something has arrived.
 */
export function intakeStore(table: Table): IntakeStore {
  const get = (datasetId: ObjectId) => getIntake(table, datasetId);
  return {
    get,
    // In the usual case, a check is pending and the clocks agree, an arrival is this one write.
    noteArrival: async (arrival) =>
      (await noteLater(table, arrival)) ?? untilSettled(() => noteWithLook(table, arrival)),
    postponeCheck: async (seen, checkAt) => {
      const postponed = await updateItemIf(
        table,
        intakeKey(seen.datasetId),
        dynamo`SET #checkAt = ${checkAt}`,
        dynamo`#scheduledId = ${seen.scheduledId} AND #checkAt = ${seen.checkAt}`,
      );
      return postponed !== undefined;
    },
    close: async (seen, next) => {
      const nothingNew = dynamo`#scheduledId = ${seen.scheduledId} AND #lastArrivalAt = ${seen.lastArrivalAt}`;
      if (await deleteItemIf(table, intakeKey(seen.datasetId), nothingNew)) return true;
      const continued = await updateItemIf(
        table,
        intakeKey(seen.datasetId),
        dynamo`SET #scheduledId = ${next.scheduledId}, #checkAt = ${next.checkAt}, #firstArrivalAt = #lastArrivalAt`,
        // Under another id, another delivery of the same check has closed it already.
        dynamo`#scheduledId = ${seen.scheduledId}`,
      );
      return continued === undefined;
    },
  };
}

async function getIntake(table: Table, datasetId: ObjectId): Promise<Intake | undefined> {
  const item = await getItem(table, intakeKey(datasetId));
  return item && codec.decode(item);
}

async function noteLater(table: Table, { datasetId, at }: Arrival): Promise<NotedArrival | undefined> {
  const noted = await updateItemIf(
    table,
    intakeKey(datasetId),
    dynamo`SET #lastArrivalAt = ${at}`,
    dynamo`#lastArrivalAt < ${at} AND #checkAt >= ${at - LOST_CHECK_AFTER_MS}`,
  );
  return noted && { checkClaimed: false };
}

async function noteWithLook(table: Table, arrival: Arrival): Promise<NotedArrival | undefined> {
  const stored = await getIntake(table, arrival.datasetId);
  if (!stored) return open(table, arrival);
  if (stored.checkAt < arrival.at - LOST_CHECK_AFTER_MS) return replaceLostCheck(table, arrival, stored);
  if (stored.lastArrivalAt < arrival.at) return noteLater(table, arrival);
  const noted = await updateItemIf(
    table,
    intakeKey(arrival.datasetId),
    dynamo`SET #lastArrivalAt = #lastArrivalAt + ${1}`,
    dynamo`#lastArrivalAt >= ${arrival.at}`,
  );
  return noted && { checkClaimed: false };
}

async function open(
  table: Table,
  { datasetId, scheduledId, at, checkAt }: Arrival,
): Promise<NotedArrival | undefined> {
  const opened: Intake = { datasetId, scheduledId, firstArrivalAt: at, lastArrivalAt: at, checkAt };
  const isFirst = await putItemIfAbsent(table, codec.encode(opened, intakeKey(datasetId)));
  return isFirst ? { checkClaimed: true } : undefined;
}

async function replaceLostCheck(
  table: Table,
  { datasetId, at, checkAt }: Arrival,
  stored: Intake,
): Promise<NotedArrival | undefined> {
  const lastArrivalAt = Math.max(at, stored.lastArrivalAt + 1);
  const claimed = await updateItemIf(
    table,
    intakeKey(datasetId),
    dynamo`SET #lastArrivalAt = ${lastArrivalAt}, #checkAt = ${checkAt}`,
    dynamo`#checkAt = ${stored.checkAt} AND #lastArrivalAt = ${stored.lastArrivalAt}`,
  );
  return claimed && { checkClaimed: true };
}
