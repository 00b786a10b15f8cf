import { InvalidInputError } from '#contracts/errors';
import { RESERVED_FOLDER } from '#contracts/s3-keys';
import type { ReadableDatasource } from '../datasources/datasource-objects.ts';
import { documentFolder } from '../datasources/listing/listed-files.ts';
import { isRelativePath } from '../datasources/paths.ts';
import { readEmbeddingCsv } from '../embeddings/embedding-csv.ts';

/** What a run has room for beside everything else. */
const MOST_BYTES = 1024 * 1024 * 1024;

/**
 * The vectors of these images in a CSV file of the protocol below `.lightly/embeddings/`. Rows of other files are passed
 * over; memory grows with the images of the run, not with the file.
 *
 * @param file as `docker.embeddings` names it: with or without the folder
 * @throws InvalidInputError where there is no such file, a row is not valid, or no row is of an image of the run
 */
export async function givenEmbeddings(
  {
    file,
    isNormalized,
    fileNames,
  }: {
    readonly file: string;
    /** Vectors are to be of unit length. */
    readonly isNormalized: boolean;
    readonly fileNames: Iterable<string>;
  },
  objects: ReadableDatasource,
): Promise<ReadonlyMap<string, Float32Array>> {
  const name = file.startsWith(RESERVED_FOLDER) ? file : `${documentFolder('embeddings')}${file}`;
  if (!isRelativePath(name)) throw invalid(name, `it must be a path below '${documentFolder('embeddings')}'`);
  const found = await objects.open(name);
  if (!found) throw invalid(name, 'there is no such file in the LIGHTLY datasource');
  const wanted = new Set(fileNames);
  const vectors = new Map<string, Float32Array>();
  for await (const { fileName, vector } of readEmbeddingCsv(found.body)) {
    if (!wanted.has(fileName)) continue;
    if (vectors.has(fileName)) throw invalid(name, `'${fileName}' has two rows`);
    vectors.set(fileName, isNormalized ? unitVector(vector, fileName, name) : vector);
    if (vectors.size * vector.byteLength > MOST_BYTES) {
      throw invalid(name, `the vectors of the run's images take more than ${MOST_BYTES} bytes`);
    }
  }
  if (vectors.size === 0) throw invalid(name, "it has no row for any of the run's images");
  return vectors;
}

function unitVector(vector: Float32Array, fileName: string, file: string): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  if (length === 0) {
    throw invalid(file, `the vector of '${fileName}' is zero and has no direction; see normalizeEmbeddings`);
  }
  return vector.map((value) => value / length);
}

const invalid = (file: string, reason: string): InvalidInputError =>
  new InvalidInputError(`docker.embeddings: ${file} can't be used: ${reason}.`);
