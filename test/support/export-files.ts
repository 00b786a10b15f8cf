import { S3Client } from '@aws-sdk/client-s3';
import { readUrlSigner } from '#aws/url-signers';
import { type ExportManifest, exportManifest } from '#contracts/export-manifest';
import type { ExportMessage } from '#contracts/messages';
import type { ReadUrlSigner } from '#platform/objects/objects';
import type { ExportDeps } from '../../functions/export/export-deps.ts';
import { writeExport } from '../../functions/export/write-export.ts';
import type { CompletedRun } from './completed-run.ts';
import { objectsUnder, type RunWorld } from './run-world.ts';

/** The files of a run's exports, or of `latest`, by name. */
export async function exportFiles(
  world: RunWorld,
  { dataset }: Pick<CompletedRun, 'dataset'>,
  folder: string,
): Promise<Map<string, string>> {
  const prefix = `${dataset.name}/${folder}/`;
  const found = await objectsUnder(world.objects, world.exportsBucket, prefix);
  return new Map([...found].map(([key, bytes]) => [key.slice(prefix.length), bytes.toString()]));
}

export const manifestIn = (files: Map<string, string>): ExportManifest =>
  exportManifest.parse(JSON.parse(files.get('manifest.json') ?? ''));

/** Takes the messages one after the other. */
export async function exportAll(messages: readonly ExportMessage[], deps: ExportDeps): Promise<void> {
  for (const message of messages) await writeExport(message, deps);
}

/** A signer with credentials of its own. */
export function signerWith(
  credentials: { readonly sessionToken?: string; readonly expiration?: Date },
  accessKeyId = 'AKIDTEST',
): ReadUrlSigner {
  const keys = { accessKeyId, secretAccessKey: 'none', ...credentials };
  return readUrlSigner(new S3Client({ region: 'eu-central-1', credentials: keys }));
}

/** The file names that an export speaks of, whatever its format. */
export function fileNamesIn(file: string, text: string): string[] {
  if (file === 'filenames.txt') return text.trimEnd().split('\n');
  if (file === 'samples.csv') {
    const [, ...rows] = text.trimEnd().split('\r\n');
    return rows.map((row) => row.split(',')[0] ?? '');
  }
  const content = JSON.parse(text);
  const rows = file === 'coco.json' ? content.images : content;
  return rows.map((row: Record<string, unknown> & { data?: Record<string, string> }) => {
    if (typeof row.global_key === 'string') return row.global_key.slice(row.global_key.indexOf('/') + 1);
    return row.data?.lightlyFileName ?? row.externalId ?? row.fileName ?? row.file_name;
  });
}
