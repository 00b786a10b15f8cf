import type { Coordinates2d, Embedding, ReductionMethod } from '#contracts/embeddings';
import { InvalidInputError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { ObjectId } from '#contracts/schema';
import { derivedObjectId } from '../derived-id.ts';
import { type EmbeddingFilesDeps, embeddingRows } from './embedding-files.ts';
import type { EmbeddingStore } from './embeddings.ts';
import { projectVectors } from './project-vectors.ts';

export interface ProjectionDeps extends EmbeddingFilesDeps {
  readonly embeddings: EmbeddingStore;
  readonly now: () => number;
}

/** As the protocol names pictures that nobody has named. */
const defaultName = ({ name }: Embedding): string => `${name}__2d`;

/**
 * Draws an embedding in the plane, in place of an earlier picture by the same method.
 * @returns the id of the picture
 * @throws InvalidInputError where the embedding can't be read
 */
export async function projectEmbedding(
  dataset: Dataset,
  embedding: Embedding,
  method: ReductionMethod,
  deps: ProjectionDeps,
): Promise<ObjectId> {
  const vectors: Float32Array[] = [];
  for await (const { vector } of embeddingRows(dataset, embedding, deps)) vectors.push(vector);
  const dimension = vectors[0]?.length;
  if (vectors.some(({ length }) => length !== dimension)) {
    throw new InvalidInputError(`The vectors of embedding '${embedding.name}' are not of one length.`);
  }
  return save2d(embedding, { name: defaultName(embedding), method }, projectVectors(vectors, method), deps);
}

/** Keeps a picture, in place of an earlier one of the same name and method. Returns its id. */
export async function save2d(
  { id: embeddingId, datasetId }: Embedding,
  { name, method }: { readonly name: string; readonly method: ReductionMethod },
  coordinates: Coordinates2d,
  { embeddings, now }: Pick<ProjectionDeps, 'embeddings' | 'now'>,
): Promise<ObjectId> {
  const id = derivedObjectId('2d embedding', embeddingId, name, method);
  await embeddings.put2d({ id, datasetId, embeddingId, name, method, createdAt: now() }, coordinates);
  return id;
}

/** @throws InvalidInputError unless there is a point, of finite numbers, for each row of the embedding */
export function checkCoordinates({ dimension1, dimension2 }: Coordinates2d, rows: number): void {
  const given = [dimension1, dimension2];
  given.forEach((coordinates, axis) => {
    const field = `coordinatesDimension${axis + 1}`;
    if (coordinates.length !== rows) {
      throw new InvalidInputError(
        `${field}: the embedding has ${rows} rows, and there are ${coordinates.length} numbers. Give one for each row.`,
      );
    }
    const odd = coordinates.findIndex((value) => !Number.isFinite(value));
    if (odd >= 0) throw new InvalidInputError(`${field}[${odd}]: expected a finite number.`);
  });
}
