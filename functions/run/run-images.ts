import { buffer } from 'node:stream/consumers';
import { RetryableError } from '#contracts/errors';
import type { ObjectStore } from '#platform/objects/objects';
import type { FindEmbeddingModel } from '#worker/embedding-models';
import type { ImageReference, RunImages } from '#worker/run-images';

/** Images where they were registered, and the models that described them. */
export const runImages = (objects: Pick<ObjectStore, 'open'>, model: FindEmbeddingModel): RunImages => ({
  read: (image) => readImage(image, objects),
  model,
});

/** Exactly the version, or the eTag, that is known: what has come since is for another run. */
async function readImage(
  { bucket, key, versionId, eTag }: ImageReference,
  objects: Pick<ObjectStore, 'open'>,
): Promise<Uint8Array | undefined> {
  const reference = { bucket, key, ...(versionId !== undefined && { versionId }) };
  const condition = versionId === undefined && eTag !== undefined ? { eTag } : {};
  const found = await objects.open(reference, condition);
  try {
    return found && (await buffer(found.body));
  } catch (cause) {
    throw new RetryableError('DOWNLOAD_BROKE_OFF', `The download of '${key}' broke off.`, { cause });
  }
}
