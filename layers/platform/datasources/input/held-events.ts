import type { HeldEvent } from '#contracts/held-events';
import type { ObjectId } from '#contracts/schema';

/** Events that wait until ingest may, or can, work on them: of each file the newest one. */
export interface HeldEventStore {
  /**
   * Keeps the event, unless a newer one of the file is held. An observation never takes the place of an event of S3. What is
   * held of another place, where the dataset's images were before, counts no more.
   */
  hold(held: HeldEvent): Promise<void>;
  /** Order is not defined. */
  list(datasetId: ObjectId): AsyncIterable<HeldEvent>;
  /** It has been sent to ingest. Does nothing where another one of the file is held by now. */
  release(held: HeldEvent): Promise<void>;
  /** Counted up to `limit`. */
  count(datasetId: ObjectId, limit: number): Promise<number>;
}
