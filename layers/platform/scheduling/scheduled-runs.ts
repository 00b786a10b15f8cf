import type { ScheduledRun } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import type { WorkerConfig } from '#contracts/worker-config';

export interface WorkerConfigStore {
  /** Creates it, or does nothing where it exists: configs never change. */
  create(config: WorkerConfig): Promise<void>;
  get(configId: ObjectId): Promise<WorkerConfig | undefined>;
}

/** Scheduled runs as they are kept: OPEN, LOCKED, then DONE; or CANCELED. */
export interface ScheduledRunStore {
  /** Creates it, or does nothing where it exists. */
  create(scheduledRun: ScheduledRun): Promise<void>;
  get(scheduledId: ObjectId): Promise<ScheduledRun | undefined>;
  /** Those of a dataset that are OPEN or LOCKED, oldest first. */
  listUnfinished(datasetId: ObjectId): Promise<ScheduledRun[]>;
  /**
   * OPEN to LOCKED under this run id; a scheduled run that is LOCKED already keeps the run id it has. Returns the
   * stored item, whatever state it is in.
   */
  lock(scheduledId: ObjectId, runId: ObjectId, at: number): Promise<ScheduledRun>;
  /** LOCKED to DONE; does nothing otherwise. */
  finish(scheduledId: ObjectId, at: number): Promise<void>;
  /** OPEN to CANCELED. A LOCKED one is marked, and its worker stops at the next step. Returns the stored item. */
  cancel(scheduledId: ObjectId, at: number): Promise<ScheduledRun>;
}
