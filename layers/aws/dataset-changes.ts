import { NotFoundError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import { datasetKey, deletedDatasetsIndexKey, ownedDatasetsIndexKey } from '#contracts/table-keys';
import type { DatasetStore } from '#platform/datasets/datasets';
import { datasetCodec, getDataset } from './dataset-names.ts';
import { dynamo, type Expression } from './expression.ts';
import { deleteItemIf, type Table, updateItemIf } from './table.ts';

type DatasetChanges = Pick<
  DatasetStore,
  | 'lock'
  | 'unlock'
  | 'advance'
  | 'recordFacts'
  | 'setProcessedUntil'
  | 'touch'
  | 'pause'
  | 'resume'
  | 'transfer'
  | 'proposeName'
  | 'settleName'
  | 'useMetadataConfiguration'
  | 'setImageType'
  | 'markDeleted'
  | 'remove'
>;

const isLive = dynamo`attribute_exists(#pk) AND attribute_not_exists(#deletedAt)`;

/** @returns the changed dataset; undefined where the condition does not hold */
type Change = (
  datasetId: ObjectId,
  update: Expression,
  condition: Expression,
) => Promise<Dataset | undefined>;

/** Changes of a dataset's own item, each one conditional write. @param now ms */
export function datasetChanges(table: Table, now: () => number): DatasetChanges {
  const change: Change = async (datasetId, update, condition) => {
    const item = await updateItemIf(table, datasetKey(datasetId), update, condition);
    return item && datasetCodec.decode(item);
  };
  return {
    ...changesByRuns(table, change, now),
    ...changesOfName(change, now),
    pause: async (datasetId, at) => {
      if (await change(datasetId, dynamo`SET #pausedAt = if_not_exists(#pausedAt, ${at})`, isLive)) return;
      throw new NotFoundError('dataset', datasetId);
    },
    resume: async (datasetId) => {
      await change(datasetId, dynamo`REMOVE #pausedAt`, isLive);
    },
    transfer: (datasetId, users) => transfer(table, datasetId, users, now()),
    touch: async (datasetId) => {
      const at = now();
      await change(datasetId, dynamo`SET #lastModifiedAt = ${at}`, dynamo`#lastModifiedAt < ${at}`);
    },
    useMetadataConfiguration: async (datasetId, configurationId) => {
      const use = dynamo`SET #metaDataConfigurationId = ${configurationId}, #lastModifiedAt = ${now()}`;
      await change(datasetId, use, isLive);
    },
    setImageType: async (datasetId, imgType) => {
      await change(datasetId, dynamo`SET #imgType = ${imgType}, #lastModifiedAt = ${now()}`, isLive);
    },
    markDeleted: (datasetId, at, { evenIfLocked }) => markDeleted(table, datasetId, at, evenIfLocked),
    remove: async (datasetId) => {
      await deleteItemIf(table, datasetKey(datasetId), dynamo`attribute_exists(#deletedAt)`);
    },
  };
}

/** Which run works on the dataset, and how far runs have come. */
function changesByRuns(
  table: Table,
  change: Change,
  now: () => number,
): Pick<DatasetStore, 'lock' | 'unlock' | 'advance' | 'recordFacts' | 'setProcessedUntil'> {
  return {
    lock: async (datasetId, scheduledId) => {
      const isFree = dynamo`attribute_not_exists(#lockedBy) OR #lockedBy = ${scheduledId}`;
      const lock = dynamo`SET #lockedBy = ${scheduledId}`;
      return (await change(datasetId, lock, dynamo`${isLive} AND (${isFree})`)) !== undefined;
    },
    unlock: async (datasetId, scheduledId) => {
      await change(datasetId, dynamo`REMOVE #lockedBy`, dynamo`#lockedBy = ${scheduledId}`);
    },
    advance: (datasetId, progress) => advance(table, datasetId, progress, now()),
    recordFacts: async (datasetId, snapshot) => {
      const isNewest = dynamo`attribute_not_exists(#factSnapshot) OR #factSnapshot.#cutoff < ${snapshot.cutoff}`;
      return (await change(datasetId, dynamo`SET #factSnapshot = ${snapshot}`, isNewest)) !== undefined;
    },
    setProcessedUntil: async (datasetId, processedUntil) => {
      await change(datasetId, dynamo`SET #processedUntil = ${processedUntil}`, isLive);
    },
  };
}

/** A new name is proposed, and settled once it is known where the landing folder is. */
function changesOfName(change: Change, now: () => number): Pick<DatasetStore, 'proposeName' | 'settleName'> {
  return {
    proposeName: async (datasetId, name) => {
      const proposed = await change(datasetId, dynamo`SET #pendingName = ${name}`, isLive);
      if (!proposed) throw new NotFoundError('dataset', datasetId);
    },
    settleName: (datasetId, name, { landingFolder, landingSince }) => {
      const since = landingSince === undefined ? dynamo`` : dynamo`, #landingSince = ${landingSince}`;
      const settle = dynamo`SET #name = ${name}, #landingFolder = ${landingFolder}, #lastModifiedAt = ${now()}${since} REMOVE #pendingName`;
      return change(datasetId, settle, dynamo`${isLive} AND #pendingName = ${name}`);
    },
  };
}

/** It goes from one owner's list to the other's in the same write. */
async function transfer(
  table: Table,
  datasetId: ObjectId,
  { from, to }: Parameters<DatasetStore['transfer']>[1],
  at: number,
): Promise<boolean> {
  const found = await getDataset(table, datasetId);
  if (!found) return false;
  const { gsi2pk, gsi2sk } = ownedDatasetsIndexKey(to, found.createdAt, datasetId);
  const give = dynamo`SET #userId = ${to}, #gsi2pk = ${gsi2pk}, #gsi2sk = ${gsi2sk}, #lastModifiedAt = ${at}`;
  const isTheirs = dynamo`${isLive} AND #userId = ${from}`;
  return (await updateItemIf(table, datasetKey(datasetId), give, isTheirs)) !== undefined;
}

/** It leaves the lists of datasets in the same write. */
async function markDeleted(
  table: Table,
  datasetId: ObjectId,
  at: number,
  evenIfLocked: boolean,
): Promise<Dataset | undefined> {
  const { gsi1pk, gsi1sk } = deletedDatasetsIndexKey(at, datasetId);
  const mark = dynamo`SET #deletedAt = ${at}, #gsi1pk = ${gsi1pk}, #gsi1sk = ${gsi1sk} REMOVE #gsi2pk, #gsi2sk`;
  const may = evenIfLocked ? isLive : dynamo`${isLive} AND attribute_not_exists(#lockedBy)`;
  const item = await updateItemIf(table, datasetKey(datasetId), mark, may);
  return item && datasetCodec.decode(item);
}

/** Two writes, each of which only lets its value grow, so that repeating either or both changes nothing. */
async function advance(
  table: Table,
  datasetId: ObjectId,
  { sampleCount, processedUntil, addedBytes = 0 }: Parameters<DatasetStore['advance']>[1],
  at: number,
): Promise<void> {
  const key = datasetKey(datasetId);
  const grown = [
    await updateItemIf(
      table,
      key,
      dynamo`SET #sampleCount = ${sampleCount}, #lastModifiedAt = ${at} ADD #sizeInBytes ${addedBytes}`,
      dynamo`#sampleCount < ${sampleCount}`,
    ),
    await updateItemIf(
      table,
      key,
      dynamo`SET #processedUntil = ${processedUntil}, #lastModifiedAt = ${at}`,
      dynamo`#processedUntil < ${processedUntil}`,
    ),
  ];
  if (grown.some((item) => item !== undefined)) return;
  if (!(await getDataset(table, datasetId))) throw new NotFoundError('dataset', datasetId);
}
