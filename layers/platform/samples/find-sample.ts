import { NotFoundError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { Sample } from '#contracts/samples';
import { knownSampleIndex } from './known-sample.ts';
import type { SampleStore } from './samples.ts';

/** @throws NotFoundError where the id is of no sample of the dataset */
export async function sampleById(
  dataset: Dataset,
  sampleId: string,
  samples: Pick<SampleStore, 'get'>,
): Promise<Sample> {
  const found = await samples.get(dataset.id, knownSampleIndex(dataset, sampleId));
  if (!found) throw new NotFoundError('sample', sampleId);
  return found;
}

/** What a key of S3, and of the table, may have. */
const LONGEST_FILE_NAME_BYTES = 1_024;

/** The sample of the dataset that has this file name. */
export async function sampleByFileName(
  dataset: Pick<Dataset, 'id' | 'sampleCount'>,
  fileName: string,
  samples: Pick<SampleStore, 'get' | 'nameOf'>,
): Promise<Sample | undefined> {
  const bytes = Buffer.byteLength(fileName);
  if (bytes === 0 || bytes > LONGEST_FILE_NAME_BYTES) return undefined;
  const name = await samples.nameOf(dataset.id, fileName);
  if (!name || name.index >= dataset.sampleCount) return undefined;
  const found = await samples.get(dataset.id, name.index);
  return found?.fileName === fileName ? found : undefined;
}
