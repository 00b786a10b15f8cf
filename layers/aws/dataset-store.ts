import { ConflictError, NotFoundError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { newObjectId, type ObjectId } from '#contracts/schema';
import { childDatasetKey, datasetKey, datasetsIndexKey, ownedDatasetsIndexKey } from '#contracts/table-keys';
import type { DatasetStore } from '#platform/datasets/datasets';
import { datasetChanges } from './dataset-changes.ts';
import { datasetLists } from './dataset-lists.ts';
import {
  bearsName,
  datasetCodec,
  getDataset,
  type HeldName,
  holdName,
  readClaim,
  releaseName,
} from './dataset-names.ts';
import { datasetSamples } from './dataset-samples.ts';
import { dynamo } from './expression.ts';
import { putItem, putItemIfAbsent, type Table, updateItemIf } from './table.ts';

/** Datasets in the table. @param now the clock, in ms: it dates new ids and changes */
export function datasetStore(table: Table, now: () => number = Date.now): DatasetStore {
  return {
    ensure: async (name, make) => {
      const held = await holdName(table, name, newObjectId(now()));
      return held.holder ?? (await createHeld(table, held, make)).dataset;
    },
    create: async (name, make) => {
      const held = await holdName(table, name, newObjectId(now()));
      const { dataset, isNew } = held.holder
        ? { dataset: held.holder, isNew: false }
        : await createHeld(table, held, make);
      if (!isNew) throw nameExists(name);
      return dataset;
    },
    get: (datasetId) => getDataset(table, datasetId),
    findByName: async (name) => {
      const claim = await readClaim(table, name);
      if (claim?.datasetId === undefined) return undefined;
      const found = await getDataset(table, claim.datasetId);
      return bearsName(found, name) ? found : undefined;
    },
    claimName: async (name, datasetId) => {
      const held = await holdName(table, name, datasetId);
      return held.datasetId === datasetId ? { releasedAt: held.releasedAt } : undefined;
    },
    releaseName: (name, datasetId, deletedAt) => releaseName(table, name, datasetId, deletedAt),
    nameReleasedAt: (name) => nameReleasedAt(table, name),
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
    ...datasetLists(table),
    ...datasetChanges(table, now),
    ...datasetSamples(table, now),
  };
}

/** @throws ConflictError */
const nameExists = (name: string): ConflictError =>
  new ConflictError(
    `A dataset, or the landing folder of one, has the name '${name}'. Choose another name: names are unique in a deployment.`,
    { apiCode: 'DATASET_NAME_EXISTS' },
  );

async function nameReleasedAt(table: Table, name: string): Promise<number | undefined> {
  const claim = await readClaim(table, name);
  if (claim?.datasetId === undefined) return claim?.releasedAt;
  return (await getDataset(table, claim.datasetId))?.deletedAt ?? claim.releasedAt;
}

/** Writes the dataset of a claim; where somebody else was faster, finds theirs. */
async function createHeld(
  table: Table,
  { datasetId, releasedAt }: HeldName,
  make: (id: ObjectId) => Dataset,
): Promise<{ readonly dataset: Dataset; readonly isNew: boolean }> {
  const created = {
    ...make(datasetId),
    ...(releasedAt !== undefined && { landingSince: releasedAt }),
  };
  const { id, userId, createdAt, parentDatasetId } = created;
  if (parentDatasetId !== undefined) {
    // Written first: a list of children leaves out what is not there.
    await putItem(table, { ...childDatasetKey(parentDatasetId, id) });
  }
  const item = datasetCodec.encode(created, {
    ...datasetKey(id),
    ...datasetsIndexKey(createdAt, id),
    ...ownedDatasetsIndexKey(userId, createdAt, id),
  });
  if (await putItemIfAbsent(table, item)) return { dataset: created, isNew: true };
  return { dataset: (await getDataset(table, id)) ?? created, isNew: false };
}
