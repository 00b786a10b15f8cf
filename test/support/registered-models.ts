import { buffer } from 'node:stream/consumers';
import { modelRegistry } from '#platform/embeddings/model-registry';
import type { ObjectStore } from '#platform/objects/objects';
import { embeddingModels, type FindEmbeddingModel } from '#worker/embedding-models';

/** Winnow's own model and those in a bucket, read anew by each test. */
export const modelsIn = (bucket: string, objects: Pick<ObjectStore, 'open'>): FindEmbeddingModel =>
  embeddingModels(modelRegistry(objects, bucket), ({ body }) => buffer(body));
