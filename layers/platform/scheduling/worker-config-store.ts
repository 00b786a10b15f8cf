import type { ObjectId } from '#contracts/schema';
import type { WorkerConfig, WorkerConfigVersion } from '#contracts/worker-config';

/** Worker configurations as they are kept: they change until a run is scheduled with them. */
export interface WorkerConfigStore {
  /** Creates it, or does nothing where it exists. */
  create(config: WorkerConfig): Promise<void>;
  get(configId: ObjectId): Promise<WorkerConfig | undefined>;
  /** Those of an owner, newest first. */
  list(userId: ObjectId): AsyncIterable<WorkerConfig>;
  /** False, and nothing changed, where a run has been scheduled with it. */
  replace(config: WorkerConfig, version: WorkerConfigVersion, document: string): Promise<boolean>;
  /** From now on it does not change. Returns the stored one, or undefined where there is none. */
  markUsed(configId: ObjectId, at: number): Promise<WorkerConfig | undefined>;
}
