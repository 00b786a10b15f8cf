import { createWriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer, json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { NotFoundError } from '#contracts/errors';
import type { Dataset, Run } from '#contracts/items';
import { artifactObjectKey, exportObjectKey, keyWithin, MANIFEST_FILE_NAME } from '#contracts/s3-keys';
import type { Sample } from '#contracts/samples';
import type { ObjectReference } from '#platform/objects/objects';
import { outcomeOfRejection } from '#platform/runs/corruptness';
import type { PipelineClient } from '../../local/pipeline-client.ts';
import { drawContactSheet, LARGEST_SHEET } from './contact-sheet.ts';
import {
  ARCHIVE_FOLDER,
  CONTACT_SHEET_FILE,
  EXPORTS_FOLDER,
  isFileSystemError,
  REPORT_FILES,
  unusable,
} from './output-folder.ts';

/**
 * Downloads what a run has made. Paths are relative to the output folder.
 *
 * @throws InvalidInputError where the output folder does not take it.
 */
export async function collect(
  client: PipelineClient,
  dataset: Dataset,
  run: Run & { archive: ObjectReference },
  outDirectory: string,
) {
  try {
    const selected = await samplesOf(client, dataset, run.id);
    return {
      exports: await collectExports(client, dataset, run.id, outDirectory),
      archive: await save(client, run.archive, outDirectory, join(ARCHIVE_FOLDER, basename(run.archive.key))),
      report: await collectReport(client, dataset, run.id, outDirectory),
      thumbnails: await collectContactSheet(client, dataset, selected, outDirectory),
      selectedNames: selected.map(({ fileName }) => fileName),
    };
  } catch (error) {
    throw isFileSystemError(error) ? unusable(outDirectory, error) : error;
  }
}

/** Downloads the exports of a run with their manifest. Paths are relative to the output folder. */
async function collectExports(client: PipelineClient, dataset: Dataset, runId: string, outDirectory: string) {
  const records = await client.exports.listForRun(dataset.id, runId);
  const download = (fileName: string) =>
    save(
      client,
      { bucket: client.buckets.exports, key: exportObjectKey(dataset.name, runId, fileName) },
      outDirectory,
      join(EXPORTS_FOLDER, fileName),
    );
  if (records.length > 0) await download(MANIFEST_FILE_NAME);
  const collected = [];
  for (const { format, fileName, rows } of records) {
    collected.push({ format, file: await download(fileName), rows });
  }
  return collected;
}

async function collectReport(
  client: PipelineClient,
  { id }: Dataset,
  runId: string,
  outDirectory: string,
): Promise<typeof REPORT_FILES> {
  for (const fileName of Object.values(REPORT_FILES)) {
    const key = artifactObjectKey(id, runId, fileName);
    await save(client, { bucket: client.buckets.platform, key }, outDirectory, fileName);
  }
  return REPORT_FILES;
}

/** In the order in which they were chosen. */
async function samplesOf(client: PipelineClient, dataset: Dataset, runId: string): Promise<Sample[]> {
  const samples: Sample[] = [];
  for await (const sample of client.samples.range(dataset.id, 0, Number.MAX_SAFE_INTEGER)) {
    if (sample.runId === runId) samples.push(sample);
  }
  const stepOf = ({ selection, index }: Sample): number => selection?.step ?? index;
  return samples.sort((a, b) => stepOf(a) - stepOf(b));
}

async function collectContactSheet(
  client: PipelineClient,
  { platformFolder }: Dataset,
  samples: readonly Sample[],
  outDirectory: string,
): Promise<string> {
  const thumbnails: Buffer[] = [];
  for (const { thumbName } of samples.slice(0, LARGEST_SHEET)) {
    if (thumbName === undefined) continue;
    const { bucket } = platformFolder;
    thumbnails.push(await read(client, { bucket, key: keyWithin(platformFolder, thumbName) }, buffer));
  }
  await writeFile(join(outDirectory, CONTACT_SHEET_FILE), await drawContactSheet(thumbnails));
  return CONTACT_SHEET_FILE;
}

const reportSizes = z.looseObject({
  generalInformation: z.looseObject({
    datasetInformation: z.looseObject({
      datasetSizes: z.looseObject({ nDuplicate: z.int(), nSelected: z.int() }),
    }),
  }),
});

/** What became of the files, from the run's report and the registry; `readableNames` are those of images. */
export async function countOutcomes(client: PipelineClient, dataset: Dataset, runId: string) {
  const reference = {
    bucket: client.buckets.platform,
    key: artifactObjectKey(dataset.id, runId, 'report_v2.json'),
  };
  const { datasetSizes } = reportSizes.parse(await read(client, reference, json)).generalInformation
    .datasetInformation;
  let [received, corrupt, unsupported] = [0, 0, 0];
  const readableNames: string[] = [];
  for await (const rawSample of client.rawSamples.list(dataset.id)) {
    received++;
    if (rawSample.state !== 'rejected') readableNames.push(rawSample.fileName);
    else if (outcomeOfRejection(rawSample.rejection.code) === 'corrupt') corrupt++;
    else unsupported++;
  }
  const { nDuplicate: duplicates, nSelected: selected } = datasetSizes;
  return {
    received,
    corrupt,
    unsupported,
    duplicates,
    candidates: received - corrupt - unsupported - duplicates,
    selected,
    readableNames,
  };
}

async function save(client: PipelineClient, from: ObjectReference, outDirectory: string, file: string) {
  const path = join(outDirectory, file);
  await mkdir(join(path, '..'), { recursive: true });
  await read(client, from, (body) => pipeline(body, createWriteStream(path)));
  return file;
}

async function read<T>(
  client: PipelineClient,
  reference: ObjectReference,
  consume: (body: Readable) => Promise<T>,
): Promise<T> {
  const found = await client.objects.open(reference);
  if (!found) throw new NotFoundError('object', `${reference.bucket}/${reference.key}`);
  return consume(found.body);
}
