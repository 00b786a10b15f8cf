import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import {
  type EmbeddingModelDescription,
  embeddingModelDescription,
  MOST_DESCRIPTION_BYTES,
  MOST_MODEL_BYTES,
  referenceOf,
} from '#contracts/embedding-models';
import { InvalidInputError, RetryableError } from '#contracts/errors';
import { modelDescriptionKey, modelFileKey } from '#contracts/s3-keys';
import { parseJsonWith } from '#contracts/schema';
import type { ObjectStore } from '../objects/objects.ts';

/** Where learned models are kept: each as a file and a description. */
export interface ModelRegistry {
  /** @throws InvalidInputError where there is no such model, or its description is not valid */
  describe(reference: string): Promise<EmbeddingModelDescription>;
  /**
   * The ONNX file. The body must be read or destroyed.
   * @throws InvalidInputError where there is none, or it is too large
   */
  open(reference: string): Promise<ModelFile>;
}

export interface ModelFile {
  /** Another file has another one. */
  readonly eTag: string;
  /** Bytes. */
  readonly size: number;
  readonly body: Readable;
}

/** The models in the platform bucket. */
export function modelRegistry(objects: Pick<ObjectStore, 'open'>, bucket: string): ModelRegistry {
  const open = async (reference: string, key: string, mostBytes: number): Promise<ModelFile> => {
    const found = await objects.open({ bucket, key });
    if (!found) {
      throw new InvalidInputError(
        `There is no embedding model '${reference}': 's3://${bucket}/${key}' is missing. Add it: winnow models add`,
      );
    }
    if (found.size <= mostBytes) return found;
    found.body.destroy();
    throw new InvalidInputError(
      `Embedding model '${reference}': 's3://${bucket}/${key}' has ${found.size} bytes; at most ${mostBytes} are taken.`,
    );
  };
  return {
    open: (reference) => open(reference, modelFileKey(reference), MOST_MODEL_BYTES),
    describe: async (reference) => {
      const { body } = await open(reference, modelDescriptionKey(reference), MOST_DESCRIPTION_BYTES);
      const text = await textOf(body);
      const description = parseJsonWith(embeddingModelDescription, text, `The description of '${reference}'`);
      const own = referenceOf(description);
      if (own === reference) return description;
      throw new InvalidInputError(`The description of '${reference}' is one of '${own}'.`);
    },
  };
}

async function textOf(body: Readable): Promise<string> {
  try {
    return (await buffer(body)).toString('utf8');
  } catch (cause) {
    throw new RetryableError('DOWNLOAD_BROKE_OFF', 'The download of a description broke off.', { cause });
  }
}
