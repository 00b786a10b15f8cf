import type { Dataset } from '#contracts/items';
import type { DatasetStore } from '../datasets/datasets.ts';
import { sampleById } from './find-sample.ts';
import { checkGivenData, type GivenData } from './given-data.ts';
import { type RenameSampleDeps, renameSample } from './rename-sample.ts';
import type { SampleStore } from './samples.ts';

export interface UpdateSampleDeps extends RenameSampleDeps {
  readonly datasets: Pick<DatasetStore, 'get' | 'touch' | 'addBytes'>;
  readonly samples: RenameSampleDeps['samples'] & Pick<SampleStore, 'update'>;
}

/**
 * Replaces the fields that are given, each as a whole; the others stay as they are. Repeating it changes nothing.
 *
 * @throws NotFoundError where the id is of no sample of the dataset; ConflictError where another one has the file
 * name; InvalidInputError for a name or a field that is not taken
 */
export async function updateSample(
  dataset: Dataset,
  sampleId: string,
  given: Omit<GivenData, 'videoFrameData' | 'cropData'>,
  deps: UpdateSampleDeps,
): Promise<void> {
  const sample = await sampleById(dataset, sampleId, deps.samples);
  checkGivenData(given);
  const { fileName, ...changes } = given;
  if (fileName !== undefined) await renameSample(sample, fileName, deps);
  await deps.samples.update(dataset.id, sample.index, { ...changes, lastModifiedAt: deps.now() });
  if (given.metaData === undefined) return;
  const before = sizeOf({ ...sample.facts?.metadata, ...sample.metaData });
  const after = sizeOf({ ...sample.facts?.metadata, ...given.metaData });
  if (after !== before) await deps.datasets.addBytes(dataset.id, after - before);
}

const sizeOf = ({ sizeInBytes = 0 }: { readonly sizeInBytes?: number }): number => sizeInBytes;
