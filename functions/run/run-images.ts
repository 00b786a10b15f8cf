import { buffer } from 'node:stream/consumers';
import { RejectedError, RetryableError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { DatasetImages } from '#platform/datasources/dataset-images';
import type { FindEmbeddingModel } from '#worker/embedding-models';
import { type ImageReference, ofImage, type RunImages } from '#worker/run-images';

/** Images of a dataset where they were registered, and the models that described them. */
export const runImages = (
  dataset: Dataset,
  {
    datasetImages,
    models,
  }: { readonly datasetImages: Pick<DatasetImages, 'open'>; readonly models: FindEmbeddingModel },
): RunImages => ({
  read: (image) => ofImage(image, () => readImage(dataset, image, datasetImages)),
  model: models,
});

/** Exactly the version, or the eTag, that is known: what has come since is for another run. */
async function readImage(
  dataset: Dataset,
  image: ImageReference,
  images: Pick<DatasetImages, 'open'>,
): Promise<Uint8Array | undefined> {
  const found = await images.open(dataset, image).catch(absentWhereArchived);
  try {
    return found && (await buffer(found.body));
  } catch (cause) {
    throw new RetryableError('DOWNLOAD_BROKE_OFF', `The download of '${image.key}' broke off.`, { cause });
  }
}

/** What has been put into an archive since can't be read any more than what was deleted. */
function absentWhereArchived(error: unknown): undefined {
  if (!(error instanceof RejectedError)) throw error;
}
