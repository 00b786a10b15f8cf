import { type Embedding, LONGEST_EMBEDDING_NAME } from '#contracts/embeddings';
import { ConflictError, InvalidInputError } from '#contracts/errors';
import { embeddingUploadKey } from '#contracts/s3-keys';
import type { ObjectId } from '#contracts/schema';
import { derivedObjectId } from '../derived-id.ts';
import { tagNameAt } from '../tags/run-tags.ts';
import type { EmbeddingStore, UploadedEmbedding } from './embeddings.ts';

/**
 * An embedding whose CSV is still to come. Whoever announces the name again before the file was found to be valid
 * gets the same one.
 *
 * @throws ConflictError `EMBEDDING_NAME_EXISTS`; InvalidInputError where the name is empty or too long
 */
export async function announceUpload(
  datasetId: ObjectId,
  givenName: string | undefined,
  { embeddings, now }: { readonly embeddings: EmbeddingStore; readonly now: () => number },
): Promise<UploadedEmbedding> {
  const createdAt = now();
  const name = givenName ?? `embedding_${tagNameAt(createdAt)}`;
  checkEmbeddingName(name);
  // The name is in the id, so it is taken once only.
  const id = derivedObjectId('embedding', datasetId, name);
  const uploadKey = embeddingUploadKey(datasetId, id, createdAt);
  const created = { id, datasetId, name, createdAt, source: { type: 'upload' as const, uploadKey } };
  const stored = await embeddings.create(created);
  if (!isUpload(stored) || stored.source.checked) throw nameExists(name);
  // The name of the built-in embedding has another id.
  for await (const other of embeddings.list(datasetId)) {
    if (other.name !== name || other.id === id) continue;
    await embeddings.delete(stored);
    throw nameExists(name);
  }
  return stored;
}

/** Of an embedding, or of a picture of one. @throws InvalidInputError */
export function checkEmbeddingName(name: string): void {
  if (name.length >= 1 && name.length <= LONGEST_EMBEDDING_NAME) return;
  throw new InvalidInputError(
    `name: expected 1 to ${LONGEST_EMBEDDING_NAME} characters but received ${name.length}.`,
  );
}

export const isUpload = (embedding: Embedding): embedding is UploadedEmbedding =>
  embedding.source.type === 'upload';

const nameExists = (name: string): ConflictError =>
  new ConflictError(`There is an embedding '${name}'. Choose another name, or delete that embedding.`, {
    apiCode: 'EMBEDDING_NAME_EXISTS',
  });
