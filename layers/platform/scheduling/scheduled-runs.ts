import type { ScheduledRun } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';

/** Who locks a scheduled run, where that is not the built-in worker. */
export interface LockedBy {
  readonly workerId: ObjectId;
  /** It only plans the run. @default false */
  readonly handsInPlan?: boolean;
}

/** Scheduled runs as they are kept: OPEN, LOCKED, then DONE; or CANCELED. */
export interface ScheduledRunStore {
  /** Creates it, or does nothing where it exists. */
  create(scheduledRun: ScheduledRun): Promise<void>;
  get(scheduledId: ObjectId): Promise<ScheduledRun | undefined>;
  /** Those of a dataset that are OPEN or LOCKED, oldest first. Reads what was written last. */
  listUnfinished(datasetId: ObjectId): Promise<ScheduledRun[]>;
  /** Those of a dataset in any state, newest first. */
  list(datasetId: ObjectId): AsyncIterable<ScheduledRun>;
  /** Those of all datasets that are OPEN or LOCKED, oldest first. */
  listAllUnfinished(): AsyncIterable<ScheduledRun>;
  /** Those of all datasets that are DONE or CANCELED, the last to end first. */
  listAllFinished(): AsyncIterable<ScheduledRun>;
  /**
   * OPEN to LOCKED under this run id; a scheduled run that is LOCKED already keeps the run id it has. Returns the
   * stored item, whatever state it is in.
   * @param by another worker than the built-in one
   */
  lock(scheduledId: ObjectId, runId: ObjectId, at: number, by?: LockedBy): Promise<ScheduledRun>;
  /** LOCKED by this worker, which only plans it, to OPEN; its run stays the one that it leads to. False otherwise. */
  reopen(scheduledId: ObjectId, workerId: ObjectId, at: number): Promise<boolean>;
  /** Changes how urgent it is and what it asks for, while it is OPEN. False where it is not. */
  adjust(
    scheduledId: ObjectId,
    change: Partial<Pick<ScheduledRun, 'priority' | 'runsOn'>>,
    at: number,
  ): Promise<boolean>;
  /** LOCKED to DONE; does nothing otherwise. */
  finish(scheduledId: ObjectId, at: number): Promise<void>;
  /** OPEN to CANCELED. A LOCKED one is marked, and its worker stops at the next step. Returns the stored item. */
  cancel(scheduledId: ObjectId, at: number): Promise<ScheduledRun>;
}

export const isUnfinished = ({ state }: Pick<ScheduledRun, 'state'>): boolean =>
  state === 'OPEN' || state === 'LOCKED';
