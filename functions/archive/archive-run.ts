import { NotFoundError } from '#contracts/errors';
import type { Run } from '#contracts/items';
import type { ArchiveMessage } from '#contracts/messages';
import { archiveObjectKey } from '#contracts/s3-keys';
import type { Telemetry } from '#contracts/telemetry';
import type { DatasetStore } from '#platform/datasets/datasets';
import { digestOf } from '#platform/objects/digest-stream';
import type { ObjectReference, WritableObjectStore } from '#platform/objects/objects';
import type { ArtifactStore, RunStore } from '#platform/runs/runs';
import { DamagedArchiveError } from './damaged-archive-error.ts';
import { writeZip } from './write-zip.ts';

export interface ArchiveDeps {
  readonly datasets: DatasetStore;
  readonly runs: RunStore;
  readonly artifacts: ArtifactStore;
  readonly objects: WritableObjectStore;
  readonly telemetry: Telemetry;
  readonly platformBucket: string;
  readonly archiveBucket: string;
  /** ms */
  readonly now: () => number;
}

/**
 * Puts all artifacts of a run and the list of their checksums into one zip, reads it back, and records it only when
 * what is stored is what was sent. The same run gives the same bytes.
 *
 * @throws NotFoundError for a run or dataset that does not exist.
 * @throws DamagedArchiveError where what was read differs from what was recorded or sent.
 */
export async function archiveRun({ datasetId, runId }: ArchiveMessage, deps: ArchiveDeps): Promise<void> {
  const [run, dataset] = await Promise.all([deps.runs.get(runId), deps.datasets.get(datasetId)]);
  if (run?.datasetId !== datasetId) throw new NotFoundError('run', runId);
  if (!dataset) throw new NotFoundError('dataset', datasetId);
  if (await isArchived(run, deps.objects)) return;

  const archive = { bucket: deps.archiveBucket, key: archiveObjectKey(dataset.name, runId) };
  const artifacts = await deps.artifacts.list(runId);
  const sent = await writeZip(run, artifacts, archive, deps);
  await verify(archive, sent, deps.objects);
  const { bytes, sha256 } = sent;
  const files = artifacts.length + 1;
  await deps.runs.recordArchive(runId, { ...archive, bytes, sha256, files, archivedAt: deps.now() });
  deps.telemetry.log('info', 'Run archived', { runId, bytes, files });
  deps.telemetry.count('RunsArchived', 1);
}

async function isArchived({ archive }: Run, objects: WritableObjectStore): Promise<boolean> {
  if (!archive) return false;
  const stored = await objects.head({ bucket: archive.bucket, key: archive.key });
  return stored?.size === archive.bytes;
}

async function verify(
  archive: ObjectReference,
  sent: { readonly bytes: number; readonly sha256: string },
  objects: WritableObjectStore,
): Promise<void> {
  const stored = await objects.open(archive);
  const read = stored && (await digestOf(stored.body));
  if (read?.bytes !== sent.bytes || read.sha256 !== sent.sha256) {
    throw new DamagedArchiveError(`Archive '${archive.key}' is not stored as it was sent.`);
  }
}
