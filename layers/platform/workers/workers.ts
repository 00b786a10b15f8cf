import type { ObjectId } from '#contracts/schema';
import type { Worker, WorkerState } from '#contracts/workers';

/** Workers that somebody registered, as they are kept. */
export interface WorkerStore {
  /** Creates it, or does nothing where it exists. */
  create(worker: Worker): Promise<void>;
  get(workerId: ObjectId): Promise<Worker | undefined>;
  /** Those of everybody, oldest first. Reads what was written last. */
  list(): Promise<Worker[]>;
  /** Does nothing where there is none. */
  relabel(workerId: ObjectId, labels: readonly string[], at: number): Promise<void>;
  /** What the worker says of itself, which is also a sign of life. False where there is none. */
  update(
    workerId: ObjectId,
    change: { readonly state: WorkerState; readonly dockerVersion?: string | undefined },
    at: number,
  ): Promise<boolean>;
  /** The worker has given a sign of life. Does nothing where there is none. */
  noteSign(workerId: ObjectId, at: number): Promise<void>;
  /** False where there is none. */
  delete(workerId: ObjectId): Promise<boolean>;
}
