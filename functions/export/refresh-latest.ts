import { text } from 'node:stream/consumers';
import { NotFoundError, RetryableError } from '#contracts/errors';
import { exportManifest } from '#contracts/export-manifest';
import type { Dataset, Run } from '#contracts/items';
import { exportObjectKey, latestExportObjectKey, MANIFEST_FILE_NAME } from '#contracts/s3-keys';
import { parseJsonWith } from '#contracts/schema';
import { EXPORT_WRITERS } from '#formats/formats';
import type { ExportDeps } from './export-deps.ts';

/** More newer runs than can be completed while one worker copies a few files. */
const MOST_ROUNDS = 10;

/**
 * Makes `latest/` a copy of the newest run whose exports are complete, its manifest last. Afterwards it looks again:
 * of two workers that copy different runs at once, the one that finishes last sees that a newer run is complete, and
 * copies that; so `latest/` comes to rest on the newest run in whatever order runs are exported.
 */
export async function refreshLatest(dataset: Dataset, deps: ExportDeps): Promise<void> {
  let copied: Run | undefined;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const newest = await newestExportedRun(dataset, deps);
    if (!newest || newest.id === copied?.id) return;
    await copyToLatest(dataset, newest, deps);
    copied = newest;
  }
  throw new RetryableError(
    'CONTENDED',
    `Exports of dataset '${dataset.name}' change faster than they are copied.`,
  );
}

async function newestExportedRun(dataset: Dataset, deps: ExportDeps): Promise<Run | undefined> {
  for await (const run of deps.runs.list(dataset.id)) {
    if (run.state !== 'COMPLETED' || run.tagName === undefined) continue;
    const manifest = {
      bucket: deps.exportsBucket,
      key: exportObjectKey(dataset.name, run.id, MANIFEST_FILE_NAME),
    };
    if (await deps.objects.head(manifest)) return run;
  }
  return undefined;
}

async function copyToLatest({ name }: Dataset, run: Run, deps: ExportDeps): Promise<void> {
  const { objects, exportsBucket: bucket } = deps;
  const copy = (file: string, contentType: string): Promise<void> =>
    objects.copy(
      { bucket, key: exportObjectKey(name, run.id, file) },
      { bucket, key: latestExportObjectKey(name, file) },
      { contentType },
    );
  const key = exportObjectKey(name, run.id, MANIFEST_FILE_NAME);
  const found = await objects.open({ bucket, key });
  if (!found) throw new NotFoundError('manifest', key);
  const { files } = parseJsonWith(exportManifest, await text(found.body), 'Manifest');
  for (const { file, format } of files) await copy(file, EXPORT_WRITERS[format].contentType);
  await copy(MANIFEST_FILE_NAME, 'application/json');
}
