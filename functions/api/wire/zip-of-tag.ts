import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import { InvalidInputError } from '#contracts/errors';
import type { Sample } from '#contracts/samples';
import type { TagExportDeps, TagToExport } from '#platform/exports/tag-exports';
import { openSampleImage } from '#platform/samples/sample-urls';
import { rowsOfTag } from '#platform/tags/tag-samples';
import type { ApiDeps } from '../api-deps.ts';

type ZipDeps = Pick<ApiDeps, 'objects' | 'images' | 'datasourceConnections' | 'buckets'> &
  Pick<TagExportDeps, 'samples' | 'datasources'>;

/** The protocol's limit. */
const MOST_IMAGES = 1_000;
/** Images that are gone, one a line. */
const MISSING_FILES = 'missing-files.txt';
/** `rw-r--r--` of a regular file. */
const MODE = 0o100644;

/**
 * The images of a tag as a zip, in parts as they come. One image is open at a time.
 * @throws InvalidInputError where the tag has too many
 */
export function zipOfTag(
  { dataset, tag }: Omit<TagToExport, 'baseUrl'>,
  deps: ZipDeps,
): AsyncIterable<Buffer> {
  if (tag.totSize > MOST_IMAGES) {
    throw new InvalidInputError(
      `A zip may have ${MOST_IMAGES} images, and tag '${tag.name}' has ${tag.totSize}. Export its file names and read URLs instead.`,
    );
  }
  return zipParts(rowsOfTag(tag, {}, deps.samples.range), (sample) => openSampleImage(dataset, sample, deps));
}

type OpenImage = (sample: Sample) => Promise<Readable | undefined>;

async function* zipParts(samples: AsyncIterable<Sample>, open: OpenImage): AsyncGenerator<Buffer> {
  const zip = new ZipFile();
  const output = zip.outputStream as Readable;
  const stop = new AbortController();
  const fail = (error: Error): void => void output.destroy(error);
  zip.on('error', fail);
  const filled = fill(zip, samples, open, stop.signal).catch(fail);
  try {
    yield* output;
  } finally {
    // Whoever was reading may have gone: nothing may stay open for them.
    stop.abort();
    await filled;
  }
}

async function fill(
  zip: ZipFile,
  samples: AsyncIterable<Sample>,
  open: OpenImage,
  signal: AbortSignal,
): Promise<void> {
  const missing: string[] = [];
  for await (const sample of samples) {
    signal.throwIfAborted();
    const image = await open(sample);
    if (!image) {
      missing.push(sample.fileName);
      continue;
    }
    const options = { compress: false, mtime: new Date(sample.createdAt), mode: MODE };
    zip.addReadStream(image, pathInZip(sample.fileName), options);
    await finished(image, { signal }).finally(() => image.destroy());
  }
  if (missing.length > 0) zip.addBuffer(Buffer.from(`${missing.join('\n')}\n`), MISSING_FILES);
  zip.end();
}

/** A name of a file that is unpacked below the folder that is meant, whatever it was called. */
export function pathInZip(fileName: string): string {
  const path = fileName
    .split(/[/\\]/)
    .map((part) => (part === '' || part === '.' || part === '..' ? '_' : part.replaceAll('\0', '_')))
    .join('/');
  return /^[a-zA-Z]:/.test(path) ? `_${path}` : path;
}
