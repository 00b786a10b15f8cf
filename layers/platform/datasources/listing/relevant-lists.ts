import type { Readable } from 'node:stream';
import { NotFoundError } from '#contracts/errors';
import { RESERVED_FOLDER } from '#contracts/s3-keys';
import type { ObjectId } from '#contracts/schema';
import type { ObjectStore } from '../../objects/objects.ts';
import type { ArtifactStore, RunStore } from '../../runs/runs.ts';
import type { ReadableDatasource } from '../datasource-objects.ts';
import { checkRelativePath } from '../paths.ts';
import type { RelevantSource } from './listing-cursor.ts';
import { invalid, LONGEST_LIST_BYTES, parseRelevantFiles, type RelevantFiles } from './relevant-files.ts';

export interface RelevantListDeps {
  readonly runs: Pick<RunStore, 'get'>;
  readonly artifacts: Pick<ArtifactStore, 'list'>;
  /** Of the platform bucket. */
  readonly objects: Pick<ObjectStore, 'open' | 'head'>;
  readonly buckets: { readonly platform: string };
}

/** Reads lists of relevant files. */
export interface RelevantLists {
  /** @param openLightly opens the LIGHTLY datasource of the dataset */
  read(
    datasetId: ObjectId,
    source: RelevantSource,
    openLightly: () => Promise<ReadableDatasource>,
  ): Promise<RelevantFiles>;
}

/** A listing reads the same list for each of its pages, and a list may be large. */
const MOST_KEPT = 2;

interface ListFile {
  /** Changes with the content. */
  readonly version: string;
  open(): Promise<Readable | undefined>;
}

/** @throws InvalidInputError, NotFoundError where there is no such list, or it is not valid */
export function relevantLists(deps: RelevantListDeps): RelevantLists {
  const kept = new Map<string, RelevantFiles>();
  return {
    read: async (datasetId, source, openLightly) => {
      const file =
        'fileName' in source
          ? await fileIn(await openLightly(), source.fileName)
          : await artifactOf(datasetId, source, deps);
      const key = JSON.stringify([datasetId, source, file.version]);
      const known = kept.get(key);
      if (known) return known;
      const body = await file.open();
      if (!body) throw invalid('it was deleted while it was read');
      const parsed = parseRelevantFiles(await boundedBytes(body));
      kept.set(key, parsed);
      const [oldest] = kept.keys();
      if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
      return parsed;
    },
  };
}

async function fileIn(lightly: ReadableDatasource, fileName: string): Promise<ListFile> {
  checkRelativePath(fileName, 'relevantFilenamesFileName');
  if (!fileName.startsWith(RESERVED_FOLDER)) {
    throw invalid(`it must be below '${RESERVED_FOLDER}' in the LIGHTLY datasource`);
  }
  const found = await lightly.head(fileName);
  if (!found) throw invalid(`there is no file '${fileName}' in the LIGHTLY datasource`);
  return {
    version: `${found.lastModified} ${found.size}`,
    open: async () => (await lightly.open(fileName))?.body,
  };
}

async function artifactOf(
  datasetId: ObjectId,
  { runId, artifactId }: { readonly runId: ObjectId; readonly artifactId: ObjectId },
  { runs, artifacts, objects, buckets }: RelevantListDeps,
): Promise<ListFile> {
  const run = await runs.get(runId);
  if (run?.datasetId !== datasetId) throw new NotFoundError('run', runId);
  const artifact = (await artifacts.list(runId)).find(({ id }) => id === artifactId);
  if (!artifact) throw new NotFoundError('artifact', artifactId);
  const reference = { bucket: buckets.platform, key: artifact.key };
  const found = await objects.head(reference);
  if (!found) throw invalid('the artifact has not been uploaded');
  return { version: found.eTag, open: async () => (await objects.open(reference))?.body };
}

async function boundedBytes(body: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop destroys the stream.
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > LONGEST_LIST_BYTES) throw invalid(`it is longer than ${LONGEST_LIST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
