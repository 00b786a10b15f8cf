import { ConflictError } from '#contracts/errors';
import type { Sample } from '#contracts/samples';
import { newObjectId } from '#contracts/schema';
import type { DatasetStore } from '../datasets/datasets.ts';
import { takeName, unlockedDataset } from './sample-names.ts';
import type { SampleClaims, SampleStore } from './samples.ts';

export interface RenameSampleDeps {
  readonly datasets: Pick<DatasetStore, 'get'>;
  readonly samples: Pick<SampleStore, 'get' | 'nameOf'> &
    Pick<SampleClaims, 'claimName' | 'intendName' | 'rename'>;
  /** ms */
  readonly now: () => number;
}

/**
 * Gives a sample another file name. The intention is noted first: from then on whoever finds the name sees that it
 * is about to be the sample's, and who needs the name completes the change. The old name is free as soon as the
 * sample has the new one.
 *
 * @throws ConflictError where another sample has the name, or a run holds the dataset's lock: it reads names early
 * and would take the renamed file for a new one
 */
export async function renameSample(sample: Sample, fileName: string, deps: RenameSampleDeps): Promise<void> {
  if (sample.fileName === fileName) return;
  await unlockedDataset(sample.datasetId, deps.datasets);
  const intended = await deps.samples.intendName(sample, fileName);
  if (intended && (await completeRename(sample, fileName, deps))) return;
  if (intended) await deps.samples.intendName(sample);
  throw new ConflictError(
    `fileName: '${fileName}' is the name of another sample of the dataset, or the sample is being renamed by ` +
      'somebody else. File names are unique within a dataset.',
  );
}

/**
 * The steps after the intention; anybody may take them.
 * @returns false where another sample has the name, or the intention is another one by now
 * @throws ConflictError where a run holds the dataset's lock
 */
export async function completeRename(
  { datasetId, index }: Pick<Sample, 'datasetId' | 'index'>,
  fileName: string,
  deps: RenameSampleDeps,
): Promise<boolean> {
  const name = { datasetId, fileName, index, claim: newObjectId(deps.now()) };
  const isTaken = await takeName(name, ({ renamingTo }) => renamingTo === fileName, deps);
  if (!isTaken) return false;
  await unlockedDataset(datasetId, deps.datasets);
  return deps.samples.rename({ datasetId, index }, fileName, deps.now());
}
