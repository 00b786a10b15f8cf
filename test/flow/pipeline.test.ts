import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EXPORT_FORMATS } from '#contracts/settings';
import { type Flow, startFlow } from '../support/flow.ts';
import { photo } from '../support/photos.ts';
import { unzip } from '../support/unzip.ts';

const DATASET = 'My birds_1';
const ODD_NAMES = [
  'plain.jpg',
  'with space + plus.jpg',
  '100%25 %.jpg',
  'ünï/日本/😀.jpg',
  `${'ä'.repeat(470)}.jpg`,
];
const SCENES = 12;
const SELECTED = 5;

let flow: Flow;
beforeAll(async () => {
  flow = await startFlow();
  await flow.configure(DATASET, {
    schedule: { minNewImages: ODD_NAMES.length + SCENES + 4 },
    run: {
      selection: {
        nSamples: SELECTED,
        strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }],
      },
    },
  });
  for (const [scene, name] of ODD_NAMES.entries()) await flow.put(`${DATASET}/${name}`, await photo(scene));
  for (let scene = 0; scene < SCENES; scene++) {
    await flow.put(`${DATASET}/scene-${scene}.jpg`, await photo(100 + scene));
  }
  await flow.put(`${DATASET}/copy.jpg`, await photo(100));
  await flow.put(`${DATASET}/broken.jpg`, (await photo(101)).subarray(0, 900));
  await flow.put(`${DATASET}/drawing.jpg`, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'));
  await flow.put(`${DATASET}/empty.jpg`, Buffer.alloc(0));
  await flow.put('no-folder.jpg', await photo(1));
  await flow.put('x/too-short.jpg', await photo(1));
  await flow.cloud.idle();
}, 120_000);
afterAll(() => flow?.close());

describe('images dropped into the landing bucket', () => {
  test('lead to one completed run with as many samples as asked for', async () => {
    const { runs, samples, tags } = await flow.outcome(DATASET);
    expect(runs.map(({ state }) => state)).toEqual(['COMPLETED']);
    expect(samples.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4]);
    expect(tags.map(({ name, totSize }) => ({ name, totSize }))).toEqual([
      { name: runs[0]?.tagName, totSize: SELECTED },
      { name: 'initial-tag', totSize: SELECTED },
    ]);
  });

  test('are exported in every format, each with exactly the selection', async () => {
    const { runs, samples, exports } = await flow.outcome(DATASET);
    const fileNames = samples.map(({ fileName }) => fileName).sort();
    expect(exports.map(({ format, rows }) => ({ format, rows }))).toEqual(
      [...EXPORT_FORMATS].sort().map((format) => ({ format, rows: SELECTED })),
    );
    const runId = runs[0]!.id;
    const tasks = JSON.parse((await flow.readExport(DATASET, runId, 'label-studio.json')) ?? '');
    expect(
      tasks.map((task: { data: { lightlyFileName: string } }) => task.data.lightlyFileName).sort(),
    ).toEqual(fileNames);
    const lines = (await flow.readExport(DATASET, runId, 'filenames.txt'))?.trimEnd().split('\n');
    expect(lines?.sort()).toEqual(fileNames);
    expect(await flow.readExport(DATASET, 'latest', 'label-studio.json')).toBe(
      await flow.readExport(DATASET, runId, 'label-studio.json'),
    );
  });

  test('can be read through the URLs of the exports', async () => {
    const rows: { fileName: string; readUrl: string }[] = JSON.parse(
      (await flow.readExport(DATASET, 'latest', 'filenames-and-read-urls.json')) ?? '',
    );
    for (const { fileName, readUrl } of rows) {
      const found = await flow.client.objects.open({
        bucket: flow.buckets.landing,
        key: `${DATASET}/${fileName}`,
      });
      const response = await fetch(readUrl);
      expect(response.status).toBe(200);
      expect(Buffer.from(await response.arrayBuffer())).toEqual(await buffer(found!.body));
    }
  });

  test('have a manifest that names what is there', async () => {
    const { runs, exports } = await flow.outcome(DATASET);
    const manifest = JSON.parse((await flow.readExport(DATASET, runs[0]!.id, 'manifest.json')) ?? '');
    expect(manifest).toMatchObject({ dataset: DATASET, runId: runs[0]?.id, tag: runs[0]?.tagName });
    expect(manifest.files).toHaveLength(exports.length);
    for (const { file, bytes, sha256 } of manifest.files) {
      const content = Buffer.from((await flow.readExport(DATASET, runs[0]!.id, file)) ?? '');
      expect({ bytes: content.length, sha256: sha256Of(content) }).toEqual({ bytes, sha256 });
    }
  });

  test('are archived with the reason for every one of them', async () => {
    const { runs } = await flow.outcome(DATASET);
    const { archive } = runs[0]!;
    const zip = await flow.client.objects.open(archive!);
    const files = await unzip(await buffer(zip!.body));
    const checksums = files.get('checksums.sha256')!.toString().trimEnd().split('\n');
    expect(checksums).toHaveLength(files.size - 1);
    for (const line of checksums) {
      const [sha256, name = ''] = line.split('  ');
      expect(sha256Of(files.get(name)!)).toBe(sha256);
    }
    const rows = files.get('selection.csv')!.toString();
    // Which is the earlier of the two depends on the second in which each was put.
    expect(rows).toMatch(/^(copy|scene-0)\.jpg,duplicate/m);
    expect(rows).toMatch(/broken\.jpg.*corrupt/);
    expect(rows).toMatch(/empty\.jpg.*corrupt/);
    expect(rows).toMatch(/drawing\.jpg.*unsupported/);
    const corrupt = JSON.parse(files.get('corruptness_check_information.json')!.toString());
    expect(Object.keys(corrupt.corrupt_samples)).toEqual(expect.arrayContaining(['broken.jpg', 'empty.jpg']));
  });

  test('have thumbnails in the platform bucket; the landing bucket holds what was put there and nothing else', async () => {
    const dataset = await flow.client.datasets.findByName(DATASET);
    const thumbnails = await Array.fromAsync(
      flow.client.objects.list(
        flow.buckets.platform,
        `${dataset!.platformFolder.prefix}.lightly/thumbnails/`,
      ),
    );
    expect(thumbnails).toHaveLength(ODD_NAMES.length + SCENES + 1);
    const landed = await Array.fromAsync(flow.client.objects.list(flow.buckets.landing, ''));
    expect(landed).toHaveLength(ODD_NAMES.length + SCENES + 6);
  });

  test('leave nothing in a dead-letter queue', async () => {
    expect(flow.cloud.deadLetters()).toEqual({});
  });
});

test('what arrives later is picked up by the next run, which adds to the datapool', async () => {
  const before = await flow.outcome(DATASET);
  await flow.configure(DATASET, {
    schedule: { minNewImages: 3 },
    run: {
      selection: {
        nSamples: 2,
        strategies: [{ input: { type: 'EMBEDDINGS' }, strategy: { type: 'DIVERSITY' } }],
      },
    },
  });
  for (const scene of [201, 202, 203]) await flow.put(`${DATASET}/later-${scene}.jpg`, await photo(scene));
  await flow.cloud.idle();
  const after = await flow.outcome(DATASET);
  expect(after.runs).toHaveLength(2);
  expect(after.samples.slice(0, SELECTED)).toEqual(before.samples);
  const added = after.samples.slice(SELECTED);
  expect(added.map(({ runId }) => runId)).toEqual([after.runs[0]?.id, after.runs[0]?.id]);
  for (const { fileName } of added) expect(fileName).toMatch(/^later-/);
  expect(after.tags.map(({ totSize }) => totSize)).toEqual([2, SELECTED, SELECTED + 2]);
  expect(await flow.readExport(DATASET, 'latest', 'manifest.json')).toContain(after.runs[0]?.id);
}, 60_000);

const sha256Of = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
