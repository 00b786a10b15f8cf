import { NotFoundError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { indexOfSampleId } from './sample-id.ts';

/**
 * The index of a sample of the dataset.
 * @throws NotFoundError where the id is of no sample of this dataset
 */
export function knownSampleIndex({ id, sampleCount }: Dataset, sampleId: string): number {
  const index = indexOfSampleId(id, sampleId);
  if (index === undefined || index >= sampleCount) throw new NotFoundError('sample', sampleId);
  return index;
}
