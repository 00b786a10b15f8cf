import { createHash } from 'node:crypto';
import { DatasourceError, RetryableError } from '#contracts/errors';
import type { Dataset, RegisteredRawSample } from '#contracts/items';
import { thumbnailName, thumbnailNameWithExtension } from '#contracts/s3-keys';
import type { WritableDatasource } from '#platform/datasources/datasource-objects';
import { type Datasource, datasourceOf, isConfigured } from '#platform/datasources/datasources';
import { isWritableName } from '#platform/datasources/reserved-writes';
import { canBeWritten } from '#platform/datasources/store-traits';
import type { IngestDeps } from './ingest-deps.ts';

/** The LIGHTLY datasource refuses a thumbnail. */
export class ThumbnailRefused extends Error {
  readonly refusal: DatasourceError;
  /** Of the thumbnail, relative to LIGHTLY. */
  readonly thumbName: string;

  constructor(refusal: DatasourceError, thumbName: string) {
    super(refusal.message, { cause: refusal });
    this.refusal = refusal;
    this.thumbName = thumbName;
  }
}

/** Bytes of a key in S3. */
const LONGEST_KEY = 1_024;

/** Where a thumbnail is, as a raw sample says it. */
export type PlacedThumbnail = Pick<RegisteredRawSample, 'thumbName' | 'thumbIn'>;

/**
 * Stores the thumbnail of a file: in the LIGHTLY datasource of its dataset where one is configured that can be written, else in
 * its platform folder.
 *
 * @throws ThumbnailRefused
 */
export async function putThumbnail(
  thumbnail: { readonly dataset: Dataset; readonly fileName: string; readonly bytes: Uint8Array },
  deps: Pick<IngestDeps, 'images' | 'datasourceConnections'>,
): Promise<PlacedThumbnail> {
  const { dataset } = thumbnail;
  const configured = await deps.images.where(dataset, 'LIGHTLY');
  const isIn = isConfigured(configured) && canBeWritten(configured.config);
  const place: Datasource = isIn ? configured : datasourceOf(dataset, undefined, 'LIGHTLY');
  try {
    const objects = await deps.datasourceConnections.open({ ...place, use: 'LIGHTLY' });
    const thumbName = await putUnderFreeName(thumbnail, place.place.prefix, objects);
    return isIn ? { thumbName, thumbIn: 'LIGHTLY' } : { thumbName };
  } catch (error) {
    if (!(error instanceof DatasourceError)) throw error;
    const [thumbName = ''] = namesFor(thumbnail.fileName, place.place.prefix);
    throw new ThumbnailRefused(error, thumbName);
  }
}

const digestOf = (fileName: string): string => createHash('sha256').update(fileName).digest('hex');

/**
 * The names that the thumbnail of a file may have, first choice first. Those made of the file's own name are left out where
 * they would be too long for a key, or no path, as of `a/../b.jpg` in the landing bucket.
 */
const namesFor = (fileName: string, prefix: string): string[] =>
  [thumbnailName(fileName), thumbnailNameWithExtension(fileName), thumbnailName(digestOf(fileName))].filter(
    (name) => isWritableName(name) && Buffer.byteLength(prefix + name) <= LONGEST_KEY,
  );

/**
 * Names leave the extension out, so `a.jpg` and `a.png` ask for the same one: each object says in its metadata which file it is
 * of, and a file that finds its name taken by another takes a longer one. A re-uploaded file finds its own.
 *
 * @param prefix of the datasource
 */
async function putUnderFreeName(
  { fileName, bytes }: { readonly fileName: string; readonly bytes: Uint8Array },
  prefix: string,
  objects: WritableDatasource,
): Promise<string> {
  // Metadata travels in HTTP headers, which can't hold every file name.
  const source = digestOf(fileName);
  const options = { contentType: 'image/webp', metadata: { source } };
  for (const name of namesFor(fileName, prefix)) {
    if (await objects.putIfAbsent(name, bytes, options)) return name;
    const present = await objects.head(name);
    if (present?.metadata.source !== source) continue;
    await objects.put(name, bytes, options);
    return name;
  }
  throw new RetryableError(
    'THUMBNAIL_NAME_TAKEN',
    'Every name for the thumbnail is taken by another object.',
  );
}
