import type { Run } from '#contracts/items';
import { artifactObjectKey } from '#contracts/s3-keys';
import { artifactIdOf } from '#platform/derived-id';
import { digestStream } from '#platform/objects/digest-stream';
import { putThrough } from '#platform/objects/put-through';
import type { ArtifactFile } from '#report/artifact-file';
import type { RunDeps } from '../run-deps.ts';

/** Writes the bytes of an artifact and then its record, so that every record has its object. */
export async function putArtifact(
  run: Run,
  { type, fileName, contentType, content }: ArtifactFile,
  createdAt: number,
  deps: Pick<RunDeps, 'objects' | 'artifacts' | 'platformBucket'>,
): Promise<void> {
  const key = artifactObjectKey(run.datasetId, run.id, fileName);
  const { stream, digest } = digestStream();
  const reference = { bucket: deps.platformBucket, key };
  await putThrough(partsOf(content), stream, { reference, options: { contentType } }, deps.objects);
  await deps.artifacts.put({
    id: artifactIdOf(run.id, fileName),
    runId: run.id,
    type,
    fileName,
    key,
    ...digest(),
    createdAt,
  });
}

/** Each part goes through the stream by itself, so single lines would take long. */
const PART_CHARACTERS = 64 * 1024;

async function* partsOf(content: ArtifactFile['content']): AsyncGenerator<Buffer> {
  if (content instanceof Uint8Array) {
    yield Buffer.from(content);
    return;
  }
  let part = '';
  for (const text of typeof content === 'string' ? [content] : content) {
    part += text;
    if (part.length < PART_CHARACTERS) continue;
    yield Buffer.from(part);
    part = '';
  }
  yield Buffer.from(part);
}
