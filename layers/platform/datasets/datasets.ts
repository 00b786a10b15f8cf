import { ADMINISTRATOR_ID } from '#contracts/access';
import type { Dataset } from '#contracts/items';
import { landingPrefix, platformPrefix } from '#contracts/s3-keys';
import type { ObjectId } from '#contracts/schema';
import { type DatasetSettings, DEFAULT_SETTINGS } from '#contracts/settings';

/** Datasets as they are kept. Every method is one conditional write or a read, unless it says otherwise. */
export interface DatasetStore {
  /**
   * The dataset of this name, made by `make` if there is none. Two callers at once get the same dataset. A name
   * that was claimed by a process that died before it wrote the dataset is healed.
   */
  ensure(name: string, make: (id: ObjectId) => Dataset): Promise<Dataset>;
  /** A new dataset. @throws ConflictError DATASET_NAME_EXISTS where the name is taken */
  create(name: string, make: (id: ObjectId) => Dataset): Promise<Dataset>;
  /** Also one that is being deleted: `deletedAt` says so. */
  get(datasetId: ObjectId): Promise<Dataset | undefined>;
  /** The dataset that has this name, or whose landing folder has it: a dataset that was renamed keeps its folder. */
  findByName(name: string): Promise<Dataset | undefined>;
  /** All datasets, oldest first unless told otherwise. */
  list(order?: { readonly newestFirst: boolean }): AsyncIterable<Dataset>;
  /** Newest first. */
  listOwned(userId: ObjectId): AsyncIterable<Dataset>;
  listChildren(parentId: ObjectId): AsyncIterable<Dataset>;
  /** Those that are being deleted. */
  listDeleted(): AsyncIterable<Dataset>;
  /**
   * The name is the dataset's now, or was already; undefined where somebody else has it. `releasedAt` is when the last
   * dataset of this name was deleted, where there was one.
   */
  claimName(
    name: string,
    datasetId: ObjectId,
  ): Promise<{ readonly releasedAt?: number | undefined } | undefined>;
  /** Does nothing where somebody else has the name. @param deletedAt where the dataset was deleted, when that was */
  releaseName(name: string, datasetId: ObjectId, deletedAt?: number): Promise<void>;
  /** When the last dataset of this name was deleted, whoever has the name now; undefined where there was none. */
  nameReleasedAt(name: string): Promise<number | undefined>;
  /** Notes the name that the dataset is about to get: a claim of it stands from then on. @throws NotFoundError */
  proposeName(datasetId: ObjectId, name: string): Promise<void>;
  /** Gives the dataset the name that was proposed last; undefined where another one has been proposed since. */
  settleName(
    datasetId: ObjectId,
    name: string,
    place: Pick<Dataset, 'landingFolder' | 'landingSince'>,
  ): Promise<Dataset | undefined>;
  /** @throws ConflictError where `settingsVersion` is not the stored one. */
  replaceSettings(datasetId: ObjectId, settings: DatasetSettings, settingsVersion: number): Promise<void>;
  /** Takes the dataset's lock. True where `scheduledId` now holds it or already did; never while it is being deleted. */
  lock(datasetId: ObjectId, scheduledId: ObjectId): Promise<boolean>;
  /** Releases the lock if `scheduledId` holds it; otherwise does nothing. */
  unlock(datasetId: ObjectId, scheduledId: ObjectId): Promise<void>;
  /** After a run: both values only ever grow. `addedBytes` are those of the samples that this adds. */
  advance(
    datasetId: ObjectId,
    progress: { sampleCount: number; processedUntil: number; addedBytes?: number },
  ): Promise<void>;
  /** Where the facts of what runs have settled are. False where a run with this or a later cutoff has said so before. */
  recordFacts(datasetId: ObjectId, snapshot: NonNullable<Dataset['factSnapshot']>): Promise<boolean>;
  /**
   * The sample at this index, of so many bytes, is a member from now on. False where it was one already, where the
   * index is not the next one, or where a run holds the lock.
   */
  addSample(datasetId: ObjectId, index: number, bytes: number): Promise<boolean>;
  /** Corrects the bytes of the dataset's images by a difference. */
  addBytes(datasetId: ObjectId, difference: number): Promise<void>;
  /** Sets how far images count as processed, back or ahead; it decides nothing here, and clients ask for it. */
  setProcessedUntil(datasetId: ObjectId, processedUntil: number): Promise<void>;
  /** From now on events wait and no run is scheduled by itself. Keeps the time of an earlier pause. @throws NotFoundError */
  pause(datasetId: ObjectId, at: number): Promise<void>;
  /** Ends a pause. Does nothing where there is none. */
  resume(datasetId: ObjectId): Promise<void>;
  /** From now on it is that of another user. False where it is not, or not any more, that of `from`. */
  transfer(datasetId: ObjectId, users: { readonly from: ObjectId; readonly to: ObjectId }): Promise<boolean>;
  /** Something of the dataset has changed now. */
  touch(datasetId: ObjectId): Promise<void>;
  /** What of its images has been uploaded by a client. */
  setImageType(datasetId: ObjectId, imgType: NonNullable<Dataset['imgType']>): Promise<void>;
  useMetadataConfiguration(datasetId: ObjectId, configurationId: ObjectId): Promise<void>;
  /**
   * From now on nobody sees the dataset. Undefined where it is not there, is deleted already, or a run holds its lock
   * and `evenIfLocked` is not set.
   */
  markDeleted(
    datasetId: ObjectId,
    at: number,
    options: { readonly evenIfLocked: boolean },
  ): Promise<Dataset | undefined>;
  /** The end of a dataset that was marked as deleted. */
  remove(datasetId: ObjectId): Promise<void>;
}

/** A dataset with default settings whose images are in the landing bucket under its name. */
export function newLandingDataset(
  id: ObjectId,
  name: string,
  buckets: { readonly landing: string; readonly platform: string },
  now: number,
): Dataset {
  return {
    id,
    name,
    userId: ADMINISTRATOR_ID,
    type: 'Images',
    createdAt: now,
    lastModifiedAt: now,
    settingsVersion: 0,
    settings: DEFAULT_SETTINGS,
    landingFolder: { bucket: buckets.landing, prefix: landingPrefix(name) },
    platformFolder: { bucket: buckets.platform, prefix: platformPrefix(id) },
    sampleCount: 0,
    processedUntil: 0,
    // Whole: there is nothing yet.
    factSnapshot: { cutoff: 0, keys: [] },
  };
}
