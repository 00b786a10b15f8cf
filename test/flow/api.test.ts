import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ApiWorkflowClient } from '../../client/index.ts';
import { type Flow, startFlow } from '../support/flow.ts';
import { photo } from '../support/photos.ts';

/** The pipeline and the API are one system: each sees what the other did. */
const DATASET = 'street scenes';
let flow: Flow;
let client: ApiWorkflowClient;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'winnow-api-flow-'));
  flow = await startFlow();
  await flow.configure(DATASET, {
    schedule: { minNewImages: 12 },
    run: {
      selection: {
        nSamples: 4,
        strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }],
      },
    },
  });
  await upload(0, 12);
  await flow.cloud.idle();
  const { apiUrl, token } = flow.cloud.connection;
  client = new ApiWorkflowClient({ serverLocation: apiUrl, token });
  await client.setDatasetIdByName(DATASET);
}, 120_000);
afterAll(async () => {
  await flow?.close();
  rmSync(folder, { recursive: true, force: true });
});

const nameOf = (index: number): string => `camera/${String(index).padStart(3, '0')}.jpg`;
async function upload(from: number, to: number): Promise<void> {
  for (let index = from; index < to; index++)
    await flow.put(`${DATASET}/${nameOf(index)}`, await photo(index));
}

test('what the pipeline did is visible through the client', async () => {
  const [dataset] = await client.getDatasetsByName(DATASET);
  expect(dataset).toMatchObject({ nSamples: 4, type: 'Images' });

  const [run] = await client.getComputeWorkerRuns({ datasetId: dataset!.id });
  expect(run).toMatchObject({ state: 'COMPLETED', datasetId: dataset!.id });
  const [newest, oldest] = await client.getAllTags();
  expect(newest).toMatchObject({ runId: run!.id, totSize: 4 });
  expect(oldest).toMatchObject({ name: 'initial-tag', totSize: 4 });
  expect((await client.getComputeWorkerRunTags(run!.id)).map(({ id }) => id)).toContain(newest!.id);

  const names = await client.getFilenamesInTag(newest!);
  expect(names).toHaveLength(4);
  const report = join(folder, 'report_v2.json');
  await client.downloadComputeWorkerRunReportV2Json(run!, report);
  expect(
    JSON.parse(readFileSync(report, 'utf8')).generalInformation.datasetInformation.datasetSizes,
  ).toMatchObject({
    nInput: 12,
    nSelected: 4,
  });
  const pdf = join(folder, 'report.pdf');
  await client.downloadComputeWorkerRunReportPdf(run!, pdf);
  // Made by the bundle, with fonts and thumbnails that it found.
  const bytes = readFileSync(pdf).toString('latin1');
  expect(bytes).toMatch(/^%PDF-/);
  expect(bytes).toContain('/Helvetica-Bold');
  expect(bytes).toContain('/Subtype /Image');
});

test('an exported URL needs no token, and ends with the credentials of nobody', async () => {
  const [tag] = await client.getAllTags();
  const [task] = await client.exportLabelStudioTasksByTagId(tag!.id);
  const [exported] = JSON.parse((await flow.readExport(DATASET, 'latest', 'label-studio.json'))!);
  for (const url of [task!.data.image, exported.data.image]) {
    expect(url).toContain('/readurlRedirect?');
    const image = await fetch(url);
    expect(image.status).toBe(200);
    const index = Number(/(\d{3})\.jpg/.exec(new URL(image.url).pathname)![1]);
    expect(Buffer.from(await image.arrayBuffer())).toEqual(await photo(index));
  }
});

test('a run scheduled through the client is carried out by the same worker, and its exports fan out', async () => {
  await flow.configure(DATASET, { schedule: { minNewImages: 1_000_000 } });
  await upload(12, 20);
  await flow.cloud.idle();
  const scheduledId = await client.scheduleComputeWorkerRun({
    workerConfig: { use_datapool: true },
    selectionConfig: {
      n_samples: 3,
      strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }],
    },
  });
  const states: string[] = [];
  for await (const info of client.computeWorkerRunInfoGenerator(scheduledId, { pollInterval: 200 })) {
    states.push(info.state);
    expect(info.message).not.toBe('');
  }
  expect(states.at(-1)).toBe('COMPLETED');
  await flow.cloud.idle();

  const run = await client.getComputeWorkerRunFromScheduledRun(scheduledId);
  const [tag] = await client.getAllTags();
  expect(tag!.runId).toBe(run.id);
  const names = await client.getFilenamesInTag(tag!);
  expect(names).toHaveLength(3);
  expect(names.every((name) => Number(/\d{3}/.exec(name)![0]) >= 12)).toBe(true);
  expect((await flow.readExport(DATASET, run.id, 'filenames.txt'))?.trimEnd().split('\n').sort()).toEqual(
    names.toSorted(),
  );
  expect((await client.getDatasetById(run.datasetId!)).nSamples).toBe(7);
}, 120_000);
