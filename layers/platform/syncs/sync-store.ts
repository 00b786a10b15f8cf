import type { ObjectId } from '#contracts/schema';
import type { DatasetSync } from '#contracts/syncs';

/** Syncs as they are kept: one item for each dataset. */
export interface SyncStore {
  get(datasetId: ObjectId): Promise<DatasetSync | undefined>;
  /** One conditional write. False where the stored version is not the one before `sync.version`. */
  replace(sync: DatasetSync): Promise<boolean>;
}
