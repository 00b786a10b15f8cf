import { NotFoundError, RetryableError } from '#contracts/errors';
import type { ExportRecord } from '#contracts/export-record';
import type { Dataset } from '#contracts/items';
import type { ExportMessage } from '#contracts/messages';
import { exportObjectKey } from '#contracts/s3-keys';
import { messageAt } from '#platform/runs/run-progress';
import { runTagId } from '#platform/tags/run-tags';
import type { ExportDeps } from './export-deps.ts';
import type { ExportedTag } from './exported-tag.ts';
import { refreshLatest } from './refresh-latest.ts';
import { writeFormat } from './write-format.ts';
import { writeManifest } from './write-manifest.ts';

/**
 * Writes one format of a run's tag. Whoever finds that all formats are there writes the manifest and brings
 * `latest/` up to date. A repeated message leaves a file that is there as it is, and repeats the rest. A file that was written
 * before the time that the message names counts as not there.
 *
 * @throws NotFoundError for a run, dataset or tag that does not exist.
 */
export async function writeExport(message: ExportMessage, deps: ExportDeps): Promise<void> {
  const exported = await exportedTag(message, deps);
  const { dataset, run } = exported;
  const stored = await deps.exports.get(dataset.id, run.id, message.format);
  const { exportsBefore = 0 } = message;
  const isNew = ({ writtenAt }: ExportRecord): boolean => writtenAt >= exportsBefore;
  if (!stored || !isNew(stored) || !(await isThere(dataset, stored, deps))) {
    const record = await writeFormat(exported, message, deps);
    await deps.exports.put(record);
    const { rows, bytes } = record;
    deps.telemetry.log('info', 'Export written', { runId: run.id, format: record.format, rows, bytes });
    deps.telemetry.count('ExportedRows', rows);
  }
  const records = await deps.exports.listForRun(dataset.id, run.id);
  const isComplete = message.formats.every((format) =>
    records.some((record) => record.format === format && isNew(record)),
  );
  if (!isComplete) return;
  await writeManifest(exported, message, records, deps);
  await refreshLatest(dataset, deps);
}

async function exportedTag({ datasetId, runId }: ExportMessage, deps: ExportDeps): Promise<ExportedTag> {
  const [run, dataset] = await Promise.all([deps.runs.get(runId), deps.datasets.get(datasetId)]);
  if (run?.datasetId !== datasetId) throw new NotFoundError('run', runId);
  if (!dataset) throw new NotFoundError('dataset', datasetId);
  const completedAt = messageAt(run, 'COMPLETED');
  if (completedAt === undefined || run.tagName === undefined) {
    throw new RetryableError('RUN_NOT_COMPLETED', `Run '${runId}' has nothing to export.`);
  }
  const tag = await deps.tags.get(datasetId, runTagId(runId));
  if (!tag) throw new NotFoundError('tag', run.tagName);
  // Somebody may have renamed it since; an export that is written again has the same bytes.
  return { dataset, run, tag: { ...tag, name: run.tagName }, completedAt };
}

/** A file that is there is left alone: other credentials would sign other URLs into it. */
async function isThere(dataset: Dataset, record: ExportRecord, deps: ExportDeps): Promise<boolean> {
  const key = exportObjectKey(dataset.name, record.runId, record.fileName);
  return (await deps.objects.head({ bucket: deps.exportsBucket, key }))?.size === record.bytes;
}
