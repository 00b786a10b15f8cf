import { InvalidInputError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { sampleImageKey } from '#contracts/s3-keys';
import type { Sample } from '#contracts/samples';
import { type AppendSampleDeps, appendSample } from './append-sample.ts';
import { checkGivenData, type GivenData } from './given-data.ts';
import { indexOfSampleId } from './sample-id.ts';

export interface CreateSampleDeps extends AppendSampleDeps {
  readonly buckets: { readonly platform: string };
}

/**
 * Adds a sample of which is known what a client says of it. Where the dataset has one of that file name already, that
 * one is the answer, as it is: whoever asks again has not heard that it worked.
 *
 * @throws InvalidInputError for a name or a field that is not taken; ConflictError where a run holds the dataset's
 * lock
 */
export async function createSample(
  dataset: Dataset,
  given: GivenData & { readonly fileName: string },
  deps: CreateSampleDeps,
): Promise<Sample> {
  checkGivenData(given);
  if (given.cropData) await checkParent(dataset, given.cropData.parentId, deps);
  const datasetId = dataset.id;
  const at = deps.now();
  return appendSample(
    { datasetId, fileName: given.fileName },
    (id) => ({
      ...given,
      datasetId,
      type: typeOf(given),
      bucket: deps.buckets.platform,
      key: sampleImageKey(datasetId, id),
      createdAt: at,
      lastModifiedAt: at,
    }),
    deps,
  );
}

function typeOf({ cropData, videoFrameData }: GivenData): Sample['type'] {
  if (cropData) return 'CROP';
  return videoFrameData ? 'VIDEO_FRAME' : 'IMAGE';
}

/** Crops are cut out of samples of their own dataset, or of the one that theirs is a child of. */
async function checkParent(dataset: Dataset, parentId: string, deps: CreateSampleDeps): Promise<void> {
  const { parentDatasetId } = dataset;
  const parent = parentDatasetId === undefined ? undefined : await deps.datasets.get(parentDatasetId);
  const isFound = [dataset, parent].some((among) => {
    const index = among && indexOfSampleId(among.id, parentId);
    return index !== undefined && index < (among?.sampleCount ?? 0);
  });
  if (isFound) return;
  throw new InvalidInputError(
    `cropData.parentId: there is no sample '${parentId}' in dataset '${dataset.id}' or in its parent dataset.`,
    { apiCode: 'SAMPLE_CREATE_REQUEST_INVALID_CROP_DATA' },
  );
}
