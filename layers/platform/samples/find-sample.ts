import { NotFoundError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { Sample } from '#contracts/samples';
import { indexOfSampleId } from './sample-id.ts';
import type { SampleStore } from './samples.ts';

export type SamplesById = Pick<SampleStore, 'get'>;
export type SamplesByName = Pick<SampleStore, 'get' | 'nameOf'>;
type Members = Pick<Dataset, 'id' | 'sampleCount'>;

/** @throws NotFoundError where the id is of no sample of the dataset */
export async function sampleById(dataset: Members, sampleId: string, samples: SamplesById): Promise<Sample> {
  const index = indexOfSampleId(dataset.id, sampleId);
  const found =
    index === undefined || index >= dataset.sampleCount ? undefined : await samples.get(dataset.id, index);
  if (!found) throw new NotFoundError('sample', sampleId);
  return found;
}

/** The sample of the dataset that has this file name. */
export async function sampleByFileName(
  dataset: Members,
  fileName: string,
  samples: SamplesByName,
): Promise<Sample | undefined> {
  const name = await samples.nameOf(dataset.id, fileName);
  if (!name || name.index >= dataset.sampleCount) return undefined;
  const found = await samples.get(dataset.id, name.index);
  return found?.fileName === fileName ? found : undefined;
}
