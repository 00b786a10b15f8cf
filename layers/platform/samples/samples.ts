import type { Sample } from '#contracts/samples';
import type { ObjectId } from '#contracts/schema';

/** Samples as they are kept: the members of datasets, by index. */
export interface SampleStore {
  /** Writes samples at their indexes. Writing the same again changes nothing. */
  put(samples: readonly Sample[]): Promise<void>;
  /** By index from `from` (inclusive) to `to` (exclusive), ascending. */
  range(datasetId: ObjectId, from: number, to: number): AsyncIterable<Sample>;
}
