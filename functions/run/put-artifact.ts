import { createHash } from 'node:crypto';
import type { Run } from '#contracts/items';
import { artifactObjectKey } from '#contracts/s3-keys';
import { artifactIdOf } from '#platform/derived-id';
import type { ArtifactFile } from '#platform/runs/run-artifacts';
import type { RunDeps } from './run-deps.ts';

/** Writes the bytes of an artifact and then its record, so that every record has its object. */
export async function putArtifact(
  run: Run,
  { type, fileName, contentType, text }: ArtifactFile,
  createdAt: number,
  deps: Pick<RunDeps, 'objects' | 'artifacts' | 'platformBucket'>,
): Promise<void> {
  const body = Buffer.from(text);
  const key = artifactObjectKey(run.datasetId, run.id, fileName);
  await deps.objects.put({ bucket: deps.platformBucket, key }, body, { contentType });
  await deps.artifacts.put({
    id: artifactIdOf(run.id, fileName),
    runId: run.id,
    type,
    fileName,
    key,
    bytes: body.length,
    sha256: createHash('sha256').update(body).digest('hex'),
    createdAt,
  });
}
