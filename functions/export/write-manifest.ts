import type { ExportRecord } from '#contracts/export-record';
import type { ExportMessage } from '#contracts/messages';
import { exportObjectKey, MANIFEST_FILE_NAME } from '#contracts/s3-keys';
import { buildExportManifest } from '#platform/exports/build-export-manifest';
import type { ExportDeps } from './export-deps.ts';
import type { ExportedTag } from './exported-tag.ts';

/** Two formats that finish at once may both write it: from the same records come the same bytes. */
export async function writeManifest(
  { dataset, run, tag, completedAt }: ExportedTag,
  { readUrls, readUrlExpirySeconds }: ExportMessage,
  records: readonly ExportRecord[],
  { objects, exportsBucket }: ExportDeps,
): Promise<void> {
  const manifest = buildExportManifest(
    {
      datasetName: dataset.name,
      runId: run.id,
      tagName: tag.name,
      completedAt,
      readUrls,
      readUrlExpirySeconds,
    },
    records,
  );
  const key = exportObjectKey(dataset.name, run.id, MANIFEST_FILE_NAME);
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await objects.put({ bucket: exportsBucket, key }, text, { contentType: 'application/json' });
}
