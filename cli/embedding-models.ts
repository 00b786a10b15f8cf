import { readFile } from 'node:fs/promises';
import { objectStore } from '#aws/s3-objects';
import {
  type EmbeddingModelDescription,
  embeddingModelDescription,
  MOST_MODEL_BYTES,
  referenceOf,
} from '#contracts/embedding-models';
import { ConflictError, InvalidInputError } from '#contracts/errors';
import { MODELS_PREFIX, modelDescriptionKey, modelFileKey } from '#contracts/s3-keys';
import { parseJsonWith } from '#contracts/schema';
import { openOnnxModel } from '#imaging/onnx-embedding';
import { withPreview } from '#imaging/preview';
import { modelRegistry } from '#platform/embeddings/model-registry';
import { readGivenFile } from './connection.ts';

/** Where models are kept. Credentials are the SDK's business. */
export interface ModelsTarget {
  readonly platformBucket: string;
}

/**
 * Adds a model once it has described a picture here. What a version is never changes: a model that is there stays.
 *
 * @throws InvalidInputError where the description is not valid or the model does not fit it
 * @throws ConflictError where the version is there
 */
export async function addModel(
  descriptionFile: string,
  modelFile: string,
  { platformBucket: bucket }: ModelsTarget,
): Promise<EmbeddingModelDescription> {
  const text = await readGivenFile(descriptionFile, 'Description');
  const description = parseJsonWith(embeddingModelDescription, text, `Description '${descriptionFile}'`);
  const bytes = await readFile(modelFile).catch((cause) => {
    throw new InvalidInputError(`Model '${modelFile}' can't be read.`, { cause });
  });
  if (bytes.length > MOST_MODEL_BYTES) {
    throw new InvalidInputError(
      `Model '${modelFile}' has ${bytes.length} bytes; at most ${MOST_MODEL_BYTES} are taken. Quantise it.`,
    );
  }
  await tryModel(bytes, description);
  const reference = referenceOf(description);
  const objects = objectStore();
  const key = modelDescriptionKey(reference);
  if (await objects.head({ bucket, key })) {
    throw new ConflictError(`There is a model '${reference}' already. Give this one another version.`);
  }
  const contentType = 'application/octet-stream';
  await objects.put({ bucket, key: modelFileKey(reference) }, bytes, { contentType });
  // Last: a model that has a description is there whole.
  const document = JSON.stringify(description, undefined, 2);
  await objects.put({ bucket, key }, document, { contentType: 'application/json' });
  return description;
}

const SIDE = 64;

async function tryModel(file: Uint8Array, description: EmbeddingModelDescription): Promise<void> {
  const model = await openOnnxModel(file, description);
  const pixels = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) => at % 256);
  await model.embed(withPreview({ pixels, width: SIDE, height: SIDE, orientation: 1 }));
}

/** The models that are there, by name and version. */
export async function listModels({ platformBucket }: ModelsTarget): Promise<EmbeddingModelDescription[]> {
  const objects = objectStore();
  const registry = modelRegistry(objects, platformBucket);
  const found: EmbeddingModelDescription[] = [];
  for await (const { key } of objects.list(platformBucket, MODELS_PREFIX)) {
    const [name, version, file] = key.slice(MODELS_PREFIX.length).split('/');
    if (file === 'model.json') found.push(await registry.describe(`${name}/${version}`));
  }
  return found;
}
