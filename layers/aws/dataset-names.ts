import { z } from 'zod';
import { datasetName } from '#contracts/dataset-name';
import { type Dataset, dataset } from '#contracts/items';
import { landingPrefix } from '#contracts/s3-keys';
import { milliseconds, type ObjectId, objectId } from '#contracts/schema';
import { datasetKey, datasetNameKey } from '#contracts/table-keys';
import { dynamo } from './expression.ts';
import { type ItemCodec, itemCodec } from './stored-item.ts';
import { deleteItemIf, getItem, putItemIf, putItemIfAbsent, type Table, untilSettled } from './table.ts';

const plain = itemCodec<Dataset>('dataset', dataset);

/** The bytes of all samples are summed up in the table, of whatever clients say: the sum may be too large for a number. */
export const datasetCodec: ItemCodec<Dataset> = {
  encode: plain.encode,
  decode: (item) => {
    const { sizeInBytes } = item;
    if (typeof sizeInBytes !== 'bigint') return plain.decode(item);
    const closest = sizeInBytes > 0n ? Number.MAX_SAFE_INTEGER : Number.MIN_SAFE_INTEGER;
    return plain.decode({ ...item, sizeInBytes: closest });
  },
};

/** A name belongs to one dataset from before the dataset is written until it is deleted or has another name. */
const nameClaim = z.strictObject({
  name: datasetName,
  /** Absent where the name is free again. */
  datasetId: objectId.optional(),
  /** When the last dataset of this name was deleted: its images may still lie in the landing folder. */
  releasedAt: milliseconds.optional(),
});
type NameClaim = z.infer<typeof nameClaim>;
const claims = itemCodec<NameClaim>('dataset name', nameClaim);

/** A name's claim and, where it is there and bears the name, the dataset that holds it. */
export interface HeldName {
  readonly datasetId: ObjectId;
  readonly releasedAt?: number | undefined;
  readonly holder?: Dataset | undefined;
}

export async function getDataset(table: Table, datasetId: ObjectId): Promise<Dataset | undefined> {
  const item = await getItem(table, datasetKey(datasetId));
  return item && datasetCodec.decode(item);
}

export async function readClaim(table: Table, name: string): Promise<NameClaim | undefined> {
  const item = await getItem(table, datasetNameKey(name));
  return item && claims.decode(item);
}

/** True where the dataset is there, and `name` is its name, the name it is about to get, or its landing folder. */
export const bearsName = (held: Dataset | undefined, name: string): held is Dataset =>
  held !== undefined &&
  held.deletedAt === undefined &&
  (held.name === name || held.pendingName === name || held.landingFolder.prefix === landingPrefix(name));

/**
 * Claims the name for `datasetId` where it is free; otherwise tells who holds it. A claim whose dataset is not
 * written yet stands: whoever comes next writes that dataset. One whose dataset is deleted, or has given the name
 * up, does not.
 */
export function holdName(table: Table, name: string, datasetId: ObjectId): Promise<HeldName> {
  return untilSettled(() => tryToHold(table, name, datasetId));
}

async function tryToHold(table: Table, name: string, datasetId: ObjectId): Promise<HeldName | undefined> {
  const key = datasetNameKey(name);
  const stored = await readClaim(table, name);
  if (!stored) {
    return (await putItemIfAbsent(table, claims.encode({ name, datasetId }, key)))
      ? { datasetId }
      : undefined;
  }
  const { datasetId: holderId, releasedAt } = stored;
  const holder = holderId === undefined ? undefined : await getDataset(table, holderId);
  if (holderId !== undefined && (holder === undefined || bearsName(holder, name))) {
    return { datasetId: holderId, releasedAt, holder };
  }
  const since = holder?.deletedAt ?? releasedAt;
  const claim = claims.encode({ name, datasetId, ...(since !== undefined && { releasedAt: since }) }, key);
  const asRead =
    holderId === undefined ? dynamo`attribute_not_exists(#datasetId)` : dynamo`#datasetId = ${holderId}`;
  return (await putItemIf(table, claim, asRead)) ? { datasetId, releasedAt: since } : undefined;
}

/**
 * Gives the name up where `datasetId` holds it.
 * @param deletedAt when the dataset was deleted, where that is the reason: its images are remembered as left behind
 */
export async function releaseName(
  table: Table,
  name: string,
  datasetId: ObjectId,
  deletedAt?: number,
): Promise<void> {
  const stored = await readClaim(table, name);
  if (stored?.datasetId !== datasetId) return;
  const isHeld = dynamo`#datasetId = ${datasetId}`;
  const releasedAt = deletedAt ?? stored.releasedAt;
  if (releasedAt === undefined) {
    await deleteItemIf(table, datasetNameKey(name), isHeld);
    return;
  }
  await putItemIf(table, claims.encode({ name, releasedAt }, datasetNameKey(name)), isHeld);
}
