import { z } from 'zod';
import { datasetName } from '#contracts/dataset-name';
import { ConflictError, NotFoundError } from '#contracts/errors';
import { type Dataset, dataset } from '#contracts/items';
import { newObjectId, type ObjectId, objectId } from '#contracts/schema';
import { datasetKey, datasetNameKey, datasetsIndexKey } from '#contracts/table-keys';
import type { DatasetStore } from '#platform/datasets/datasets';
import { dynamo } from './expression.ts';
import { itemCodec } from './stored-item.ts';
import { getItem, putItemIfAbsent, type Table, updateItemIf } from './table.ts';
import { itemsOf, readIndexPages } from './table-reads.ts';

const datasets = itemCodec<Dataset>('dataset', dataset);

/** A name belongs to one id for ever, from before the dataset of that id is written. */
const nameClaim = z.strictObject({ name: datasetName, datasetId: objectId });
const nameClaims = itemCodec('dataset name', nameClaim);

/** Datasets in the table. @param now the clock, in ms: it dates new ids and changes of settings */
export function datasetStore(table: Table, now: () => number = Date.now): DatasetStore {
  return {
    ensure: async (name, make) => {
      const id = (await claimedId(table, name)) ?? (await claimName(table, name, newObjectId(now())));
      return (await getDataset(table, id)) ?? (await createDataset(table, make(id)));
    },
    get: (datasetId) => getDataset(table, datasetId),
    findByName: async (name) => {
      const id = await claimedId(table, name);
      return id === undefined ? undefined : getDataset(table, id);
    },
    list: () => listDatasets(table),
    replaceSettings: async (datasetId, settings, settingsVersion) => {
      const replaced = await updateItemIf(
        table,
        datasetKey(datasetId),
        dynamo`SET #settings = ${settings}, #settingsVersion = ${settingsVersion + 1}, #lastModifiedAt = ${now()}`,
        dynamo`#settingsVersion = ${settingsVersion}`,
      );
      if (replaced) return;
      if (!(await getDataset(table, datasetId))) throw new NotFoundError('dataset', datasetId);
      throw new ConflictError(`The settings of dataset '${datasetId}' have changed since they were read.`);
    },
    lock: async (datasetId, scheduledId) => {
      const isFree = dynamo`attribute_not_exists(#lockedBy) OR #lockedBy = ${scheduledId}`;
      const locked = await updateItemIf(
        table,
        datasetKey(datasetId),
        dynamo`SET #lockedBy = ${scheduledId}`,
        dynamo`attribute_exists(#pk) AND (${isFree})`,
      );
      return locked !== undefined;
    },
    unlock: async (datasetId, scheduledId) => {
      const isHeld = dynamo`#lockedBy = ${scheduledId}`;
      await updateItemIf(table, datasetKey(datasetId), dynamo`REMOVE #lockedBy`, isHeld);
    },
    advance: (datasetId, progress) => advance(table, datasetId, progress),
  };
}

async function getDataset(table: Table, datasetId: ObjectId): Promise<Dataset | undefined> {
  const item = await getItem(table, datasetKey(datasetId));
  return item && datasets.decode(item);
}

async function claimedId(table: Table, name: string): Promise<ObjectId | undefined> {
  const item = await getItem(table, datasetNameKey(name));
  return item && nameClaims.decode(item).datasetId;
}

async function claimName(table: Table, name: string, datasetId: ObjectId): Promise<ObjectId> {
  const claim = nameClaims.encode({ name, datasetId }, datasetNameKey(name));
  if (await putItemIfAbsent(table, claim)) return datasetId;
  return (await claimedId(table, name)) ?? datasetId;
}

async function createDataset(table: Table, created: Dataset): Promise<Dataset> {
  const item = datasets.encode(created, {
    ...datasetKey(created.id),
    ...datasetsIndexKey(created.createdAt, created.id),
  });
  if (await putItemIfAbsent(table, item)) return created;
  return (await getDataset(table, created.id)) ?? created;
}

async function* listDatasets(table: Table): AsyncGenerator<Dataset> {
  const { gsi1pk } = datasetsIndexKey(0, '');
  for await (const item of itemsOf(readIndexPages(table, { partition: gsi1pk }))) yield datasets.decode(item);
}

/** Two writes, each of which only lets its value grow, so that repeating either or both changes nothing. */
async function advance(
  table: Table,
  datasetId: ObjectId,
  { sampleCount, processedUntil }: { readonly sampleCount: number; readonly processedUntil: number },
): Promise<void> {
  const key = datasetKey(datasetId);
  const grown = [
    await updateItemIf(
      table,
      key,
      dynamo`SET #sampleCount = ${sampleCount}`,
      dynamo`#sampleCount < ${sampleCount}`,
    ),
    await updateItemIf(
      table,
      key,
      dynamo`SET #processedUntil = ${processedUntil}`,
      dynamo`#processedUntil < ${processedUntil}`,
    ),
  ];
  if (grown.some((item) => item !== undefined)) return;
  if (!(await getDataset(table, datasetId))) throw new NotFoundError('dataset', datasetId);
}
