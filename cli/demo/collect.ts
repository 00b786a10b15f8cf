import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer, json } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { isCorrupt, NotFoundError } from '#contracts/errors';
import type { Dataset, Run, Sample } from '#contracts/items';
import { artifactObjectKey, exportObjectKey, keyWithin, MANIFEST_FILE_NAME } from '#contracts/s3-keys';
import type { ObjectReference } from '#platform/objects';
import type { PipelineClient } from '../../local/pipeline-client.ts';
import { drawContactSheet } from './contact-sheet.ts';

export const SUMMARY_FILE = 'summary.json';
const CONTACT_SHEET = 'selection.jpg';

/** Removes what an earlier demo put into the folder, and nothing else. */
export async function clearOutput(outDirectory: string): Promise<void> {
  await mkdir(outDirectory, { recursive: true });
  for (const name of ['exports', 'archive', CONTACT_SHEET, SUMMARY_FILE]) {
    await rm(join(outDirectory, name), { recursive: true, force: true });
  }
}

/** Downloads the exports of a run with their manifest. Paths are relative to the output folder. */
export async function collectExports(
  client: PipelineClient,
  dataset: Dataset,
  runId: string,
  outDirectory: string,
) {
  const records = await client.exports.listForRun(dataset.id, runId);
  const download = (fileName: string) =>
    save(
      client,
      { bucket: client.buckets.exports, key: exportObjectKey(dataset.name, runId, fileName) },
      outDirectory,
      join('exports', fileName),
    );
  if (records.length > 0) await download(MANIFEST_FILE_NAME);
  const collected = [];
  for (const { format, fileName, rows } of records) {
    collected.push({ format, file: await download(fileName), rows });
  }
  return collected;
}

export async function collectArchive(
  client: PipelineClient,
  run: Run & { archive: object },
  outDirectory: string,
) {
  const { bucket, key } = run.archive;
  return save(client, { bucket, key }, outDirectory, join('archive', basename(key)));
}

/** Thumbnails of the run's samples in the order in which they were chosen, on one sheet. */
export async function collectContactSheet(
  client: PipelineClient,
  dataset: Dataset,
  runId: string,
  outDirectory: string,
): Promise<string> {
  const selected: Sample[] = [];
  for await (const sample of client.samples.range(dataset.id, 0, Number.MAX_SAFE_INTEGER)) {
    if (sample.runId === runId) selected.push(sample);
  }
  selected.sort((a, b) => a.selection.step - b.selection.step);
  const thumbnails: Buffer[] = [];
  for (const { thumbName } of selected) {
    const { bucket } = dataset.lightlyDatasource;
    thumbnails.push(
      await read(client, { bucket, key: keyWithin(dataset.lightlyDatasource, thumbName) }, buffer),
    );
  }
  await drawContactSheet(thumbnails, join(outDirectory, CONTACT_SHEET));
  return CONTACT_SHEET;
}

const reportSizes = z.looseObject({
  generalInformation: z.looseObject({
    datasetInformation: z.looseObject({
      datasetSizes: z.looseObject({ nDuplicate: z.int(), nSelected: z.int() }),
    }),
  }),
});

/** What became of the files, from the run's report and the registry. */
export async function countOutcomes(client: PipelineClient, dataset: Dataset, runId: string) {
  const reference = {
    bucket: client.buckets.platform,
    key: artifactObjectKey(dataset.id, runId, 'report_v2.json'),
  };
  const { datasetSizes } = reportSizes.parse(await read(client, reference, json)).generalInformation
    .datasetInformation;
  let [received, corrupt, unsupported] = [0, 0, 0];
  for await (const rawSample of client.rawSamples.list(dataset.id)) {
    received++;
    if (rawSample.state !== 'rejected') continue;
    if (isCorrupt(rawSample.rejection.code)) corrupt++;
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
