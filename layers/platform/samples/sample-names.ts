import { ConflictError, RetryableError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { Sample, SampleName } from '#contracts/samples';
import type { ObjectId } from '#contracts/schema';
import type { DatasetStore } from '../datasets/datasets.ts';
import { livingDataset } from '../datasets/living-dataset.ts';
import type { SampleClaims, SampleStore } from './samples.ts';

export interface SampleNameDeps {
  readonly datasets: Pick<DatasetStore, 'get'>;
  readonly samples: Pick<SampleStore, 'get' | 'nameOf'> & Pick<SampleClaims, 'claimName'>;
}

/** Each lost race means that somebody else has won one. */
export const MOST_RACES = 200;

/**
 * Makes a name that of the sample at `index`. `claim` names the attempt: a name that has it already is left alone, so
 * that anybody may repeat the step, and a writer who has read the name before this write notices it.
 *
 * @param stands - that the sample at the index still waits for the name. Looked at after the name was read: an
 *   attempt that others have ended must not take the name from whoever came after it.
 * @returns false where another sample has the name, or the own one waits no more
 * @throws ConflictError where a run holds the dataset's lock and has its own idea of who gets the name
 */
export async function takeName(
  wanted: SampleName,
  stands: (sample: Sample) => boolean,
  { datasets, samples }: SampleNameDeps,
): Promise<boolean> {
  const { datasetId, fileName, index } = wanted;
  let seen: SampleName | undefined;
  for (let race = 0; race < MOST_RACES; race++) {
    if (await samples.claimName(wanted, seen)) return true;
    seen = await samples.nameOf(datasetId, fileName);
    if (!seen) continue;
    if (seen.index === index && seen.claim === wanted.claim) return true;
    const own = await samples.get(datasetId, index);
    if (!own || !stands(own)) return false;
    if (seen.index !== index && (await isHeld(seen, { datasets, samples }))) return false;
  }
  throw new RetryableError('CONTENDED', 'A file name changes hands faster than it can be claimed.');
}

/**
 * True where a sample has the name, or is about to get it. The dataset is read after the name: a run that has written
 * the name either still holds the lock, or has ended, and its samples are members of the dataset or waste.
 */
async function isHeld(
  { datasetId, fileName, index }: SampleName,
  { datasets, samples }: SampleNameDeps,
): Promise<boolean> {
  const { sampleCount } = await unlockedDataset(datasetId, datasets);
  const holder = await samples.get(datasetId, index);
  if (holder?.fileName !== fileName && holder?.renamingTo !== fileName) return false;
  return index < sampleCount || holder.runId === undefined;
}

/** @throws NotFoundError; ConflictError where a run holds the dataset's lock */
export async function unlockedDataset(
  datasetId: ObjectId,
  datasets: Pick<DatasetStore, 'get'>,
): Promise<Dataset> {
  const dataset = await livingDataset(datasetId, datasets);
  checkUnlocked(dataset);
  return dataset;
}

/** @throws ConflictError where a run holds the dataset's lock: it numbers and names samples of its own */
export function checkUnlocked({ id, lockedBy }: Dataset): void {
  if (lockedBy === undefined) return;
  throw new ConflictError(
    `A run is adding samples to dataset '${id}'. Try again when it has ended, or cancel it.`,
    { apiCode: 'ILLEGAL_ACTION_RESOURCE_IN_USE' },
  );
}
