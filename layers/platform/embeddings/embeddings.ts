import type { Coordinates2d, Embedding, Embedding2d } from '#contracts/embeddings';
import type { ObjectId } from '#contracts/schema';

/** A file that a client has uploaded and that was found to be valid. */
export type CheckedUpload = NonNullable<UploadedEmbedding['source']['checked']>;
export type UploadedEmbedding = Embedding & {
  readonly source: Extract<Embedding['source'], { type: 'upload' }>;
};

/** Where coordinates are is the store's business. */
export type Embedding2dHeader = Omit<Embedding2d, 'key'>;

/** Embeddings and their pictures in the plane, as they are kept. */
export interface EmbeddingStore {
  /** Creates it, or leaves it as it is where one of this id exists. Returns the stored one. */
  create(embedding: Embedding): Promise<Embedding>;
  get(datasetId: ObjectId, embeddingId: ObjectId): Promise<Embedding | undefined>;
  /** In no particular order. */
  list(datasetId: ObjectId): AsyncIterable<Embedding>;
  /** Notes what an upload was found to be; of two notes, the first stays. Undefined where the embedding is gone. */
  noteChecked(embedding: UploadedEmbedding, checked: CheckedUpload): Promise<Embedding | undefined>;
  /** Deletes it with its files and pictures. May be repeated. */
  delete(embedding: Embedding): Promise<void>;
  /** Writes a picture, in place of one of the same id. */
  put2d(embedding2d: Embedding2dHeader, coordinates: Coordinates2d): Promise<void>;
  get2d(datasetId: ObjectId, embeddingId: ObjectId, id: ObjectId): Promise<Embedding2d | undefined>;
  /** Those of one embedding, or of all; in no particular order. */
  list2d(datasetId: ObjectId, embeddingId?: ObjectId): AsyncIterable<Embedding2d>;
  readCoordinates(embedding2d: Embedding2d): Promise<Coordinates2d>;
}

/** The vector of one sample. */
export interface EmbeddingRow {
  readonly fileName: string;
  readonly vector: Float32Array;
}
