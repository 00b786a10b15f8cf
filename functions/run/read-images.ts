import { buffer } from 'node:stream/consumers';
import { InvalidInputError, RetryableError } from '#contracts/errors';
import { classicalEmbedding } from '#imaging/classical-embedding';
import type { EmbeddingModel } from '#imaging/embedding-model';
import type { ObjectStore } from '#platform/objects/objects';
import type { ImageReference, RunImages } from '#worker/run-images';

/** Images where they were registered, and the models that this stage has. */
export const runImages = (
  objects: Pick<ObjectStore, 'open'>,
  models: readonly EmbeddingModel[] = [classicalEmbedding],
): RunImages => ({
  read: (image) => readImage(image, objects),
  model: async (name) => {
    const model = models.find((known) => known.name === name);
    if (model) return model;
    throw new InvalidInputError(
      `The images were described by the embedding model '${name}', which this worker does not have, so that it can ` +
        'neither embed object crops nor train on them. Leave docker.enableTraining and tasks of EMBEDDINGS out.',
    );
  },
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
