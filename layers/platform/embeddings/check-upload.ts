import { InvalidInputError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { embeddingCsvKey } from '#contracts/s3-keys';
import type { ObjectReference, WritableObjectStore } from '../objects/objects.ts';
import type { SampleStore } from '../samples/samples.ts';
import { readEmbeddingCsv } from './embedding-csv.ts';
import type { CheckedUpload, EmbeddingStore, UploadedEmbedding } from './embeddings.ts';

export interface CheckUploadDeps {
  readonly embeddings: Pick<EmbeddingStore, 'noteChecked'>;
  readonly samples: Pick<SampleStore, 'names'>;
  readonly objects: WritableObjectStore;
  readonly buckets: { readonly platform: string };
}

/**
 * The checked file of an uploaded embedding; checks it now where nobody has yet. The file is copied to where its
 * uploader can't change it any more. May be repeated and interrupted.
 *
 * @throws InvalidInputError `EMBEDDING_NOT_READY` where there is no upload yet, `EMBEDDING_INVALID` naming the row,
 * `EMBEDDING_ROW_COUNT_INVALID` where not every sample of the dataset has a row
 */
export async function checkedUpload(
  dataset: Dataset,
  embedding: UploadedEmbedding,
  deps: CheckUploadDeps,
): Promise<CheckedUpload> {
  const { name, source } = embedding;
  if (source.checked) return source.checked;
  const upload = { bucket: deps.buckets.platform, key: source.uploadKey };
  const found = await deps.objects.head(upload);
  if (!found) throw notReady(name);
  const shape = await checkRows(dataset, upload, found.eTag, deps);
  const key = embeddingCsvKey(dataset.id, embedding.id, found.eTag);
  await deps.objects.copy(upload, { ...upload, key }, { contentType: 'text/csv' });
  // What was copied is what was checked only if it is still there.
  if ((await deps.objects.head(upload))?.eTag !== found.eTag) throw changed();
  const noted = await deps.embeddings.noteChecked(embedding, { key, ...shape });
  if (noted?.source.type !== 'upload' || !noted.source.checked) throw notReady(name);
  return noted.source.checked;
}

async function checkRows(
  dataset: Dataset,
  upload: ObjectReference,
  eTag: string,
  { samples, objects }: CheckUploadDeps,
): Promise<Omit<CheckedUpload, 'key'>> {
  const missing = new Set<string>();
  for await (const { fileName } of samples.names(dataset.id, 0, dataset.sampleCount)) missing.add(fileName);
  const file = await objects.open(upload, { eTag });
  if (!file) throw changed();
  let rowCount = 0;
  let dimension = 0;
  for await (const { fileName, vector } of readEmbeddingCsv(file.body)) {
    rowCount += 1;
    dimension = vector.length;
    if (!missing.delete(fileName)) {
      throw new InvalidInputError(
        `The embeddings CSV is not valid. Row ${rowCount + 1}: its file name is of no sample of the dataset, or of an ` +
          'earlier row.',
        { apiCode: 'EMBEDDING_INVALID' },
      );
    }
  }
  if (rowCount !== dataset.sampleCount || rowCount === 0)
    throw rowCountInvalid(rowCount, dataset.sampleCount);
  return { rowCount, dimension };
}

const notReady = (name: string): InvalidInputError =>
  new InvalidInputError(
    `Embedding '${name}' has no vectors yet. Ask for its write URL and put the CSV file there.`,
    { apiCode: 'EMBEDDING_NOT_READY' },
  );

const changed = (): InvalidInputError =>
  new InvalidInputError('The CSV file was replaced while it was being checked. Try again.', {
    apiCode: 'EMBEDDING_NOT_READY',
  });

export const rowCountInvalid = (rows: number, expected: number): InvalidInputError =>
  new InvalidInputError(
    `rowCount: the embeddings CSV has ${rows} rows, and ${expected} are expected: one for each sample.`,
    { apiCode: 'EMBEDDING_ROW_COUNT_INVALID' },
  );
