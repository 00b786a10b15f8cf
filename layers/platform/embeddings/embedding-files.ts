import { Readable } from 'node:stream';
import type { Embedding } from '#contracts/embeddings';
import { RetryableError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import { embeddingCsvKey } from '#contracts/s3-keys';
import type { ObjectReference } from '../objects/objects.ts';
import type { SampleStore } from '../samples/samples.ts';
import { isUpload } from './announce-upload.ts';
import { builtInRows } from './built-in-embedding.ts';
import { type CheckUploadDeps, checkedUpload } from './check-upload.ts';
import { embeddingCsvHeader, embeddingCsvLine, readEmbeddingCsv } from './embedding-csv.ts';
import type { EmbeddingRow } from './embeddings.ts';

export interface EmbeddingFilesDeps extends CheckUploadDeps {
  readonly samples: Pick<SampleStore, 'names' | 'range'>;
}

/** The rows of an embedding: those of an upload as they are there, those of the images by index. */
export async function* embeddingRows(
  dataset: Dataset,
  embedding: Embedding,
  deps: EmbeddingFilesDeps,
): AsyncGenerator<EmbeddingRow> {
  const { source } = embedding;
  if (source.type === 'images') {
    yield* builtInRows(deps.samples.range(dataset.id, 0, dataset.sampleCount), source.model);
    return;
  }
  const { key } = await checkedUpload(dataset, { ...embedding, source }, deps);
  const file = await deps.objects.open({ bucket: deps.buckets.platform, key });
  if (!file)
    throw new RetryableError('EMBEDDING_MISSING', `The file of embedding '${embedding.id}' is not there.`);
  yield* readEmbeddingCsv(file.body);
}

/**
 * The CSV file of an embedding. That of the built-in one is written when it is asked for: anew where the dataset has
 * changed since.
 */
export async function embeddingFile(
  dataset: Dataset,
  embedding: Embedding,
  deps: EmbeddingFilesDeps,
): Promise<ObjectReference> {
  const bucket = deps.buckets.platform;
  if (isUpload(embedding)) return { bucket, key: (await checkedUpload(dataset, embedding, deps)).key };
  const file = { bucket, key: embeddingCsvKey(dataset.id, embedding.id, 'images') };
  // Only a run changes what is known of images, and at its end the dataset is read up to a later time.
  const version = `${dataset.sampleCount}-${dataset.processedUntil}`;
  if ((await deps.objects.head(file))?.metadata.version === version) return file;
  const rows = Readable.from(csvOf(embeddingRows(dataset, embedding, deps)), { objectMode: false });
  await deps.objects.putStream(file, rows, { contentType: 'text/csv', metadata: { version } });
  return file;
}

async function* csvOf(rows: AsyncIterable<EmbeddingRow>): AsyncGenerator<string> {
  let isFirst = true;
  for await (const row of rows) {
    if (isFirst) yield embeddingCsvHeader(row.vector.length);
    isFirst = false;
    yield embeddingCsvLine(row);
  }
}
