import { ADMINISTRATOR_ID } from '#contracts/access';
import type { Dataset } from '#contracts/items';
import { landingPrefix, platformPrefix } from '#contracts/s3-keys';
import type { ObjectId } from '#contracts/schema';
import { type DatasetSettings, DEFAULT_SETTINGS } from '#contracts/settings';

/** Datasets as they are kept. Every method is one conditional write or a read. */
export interface DatasetStore {
  /**
   * The dataset of this name, made by `make` if there is none. Two callers at once get the same dataset. A name
   * that was claimed by a process that died before it wrote the dataset is healed.
   */
  ensure(name: string, make: (id: ObjectId) => Dataset): Promise<Dataset>;
  get(datasetId: ObjectId): Promise<Dataset | undefined>;
  findByName(name: string): Promise<Dataset | undefined>;
  /** Oldest first. */
  list(): AsyncIterable<Dataset>;
  /** @throws ConflictError where `settingsVersion` is not the stored one. */
  replaceSettings(datasetId: ObjectId, settings: DatasetSettings, settingsVersion: number): Promise<void>;
  /** Takes the dataset's lock. True where `scheduledId` now holds it or already did. */
  lock(datasetId: ObjectId, scheduledId: ObjectId): Promise<boolean>;
  /** Releases the lock if `scheduledId` holds it; otherwise does nothing. */
  unlock(datasetId: ObjectId, scheduledId: ObjectId): Promise<void>;
  /** After a run: both values only ever grow. */
  advance(datasetId: ObjectId, progress: { sampleCount: number; processedUntil: number }): Promise<void>;
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
    inputDatasource: { bucket: buckets.landing, prefix: landingPrefix(name) },
    lightlyDatasource: { bucket: buckets.platform, prefix: platformPrefix(id) },
    sampleCount: 0,
    processedUntil: 0,
  };
}
