import { DatasourceError, RetryableError } from '#contracts/errors';
import type { Dataset } from '#contracts/items';
import type { ObjectMetadata } from '#contracts/object-metadata';
import type { DescribedFile } from '#platform/datasources/datasource-objects';
import type { Arrival } from './arrival.ts';
import { decodeWords } from './decode-words.ts';
import type { IngestDeps } from './ingest-deps.ts';

/** UTF-8 bytes of names and values that are kept of user metadata, and of tags: twice what S3 takes. */
const MOST_BYTES = { metadata: 4_096, tags: 20_480 } as const;

/**
 * What the owner of an object has written on it; undefined where that is nothing. What is more than stores should take is left
 * out. Tags that may not be read are left out too: they are no fault of the image.
 */
export async function readObjectMetadata(
  found: DescribedFile,
  arrival: Arrival,
  deps: IngestDeps,
): Promise<ObjectMetadata | undefined> {
  const written = Object.entries(found.metadata).map(([name, text]) => [name, decodeWords(text)]);
  const metadata = bounded(Object.fromEntries(written), MOST_BYTES.metadata);
  const isAsked = arrival.dataset.settings.input.objectTags && found.tagCount > 0;
  const tags = isAsked ? bounded((await tagsOf(found, arrival, deps)) ?? {}, MOST_BYTES.tags) : {};
  const [hasMetadata, hasTags] = [metadata, tags].map((texts) => Object.keys(texts).length > 0);
  if (!hasMetadata && !hasTags) return undefined;
  return { ...(hasMetadata && { metadata }), ...(hasTags && { tags }) };
}

async function tagsOf({ name, versionId }: DescribedFile, { dataset }: Arrival, deps: IngestDeps) {
  try {
    const { objects } = await deps.images.of(dataset);
    return await objects.tags(name, { versionId });
  } catch (error) {
    if (!isDenied(error)) throw error;
    reportOnce(dataset, error, deps);
    return undefined;
  }
}

const isDenied = (error: unknown): error is Error =>
  (error instanceof DatasourceError && error.problem.code === 'DENIED') ||
  (error instanceof RetryableError && error.code === 'ACCESS_DENIED');

/** Datasets whose tags can't be read, as this process has said. */
const reported = new Set<string>();
const MOST_REPORTED = 1_000;

function reportOnce({ id }: Dataset, { message }: Error, { telemetry }: IngestDeps): void {
  if (reported.has(id)) return;
  if (reported.size >= MOST_REPORTED) reported.clear();
  reported.add(id);
  telemetry.log('warn', 'Tags of objects can’t be read; images are registered without them', {
    datasetId: id,
    reason: message,
  });
}

/** By name, as many as there is room for. No object of JavaScript can have the name that is left out. */
function bounded(texts: Readonly<Record<string, string>>, most: number): Record<string, string> {
  let bytes = 0;
  const sorted = Object.entries(texts).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const kept = sorted.filter(([name, text]) => {
    if (name === '__proto__') return false;
    bytes += Buffer.byteLength(name) + Buffer.byteLength(text);
    return bytes <= most;
  });
  return Object.fromEntries(kept);
}
