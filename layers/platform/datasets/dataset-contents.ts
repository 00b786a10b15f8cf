import type { Dataset } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';

/** Everything that hangs on a dataset, apart from the dataset itself. Its input and what was exported are not part of it. */
export interface DatasetContents {
  /**
   * Deletes it, as much as there is time for. May be repeated, and stopped at any point: what is left can still be
   * found by the next one.
   *
   * @returns true where nothing is left that could be seen
   */
  delete(dataset: Dataset, timeIsUp: () => boolean): Promise<boolean>;
  countTags(datasetId: ObjectId): Promise<number>;
}
