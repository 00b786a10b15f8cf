import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { putItems } from '#aws/table-batches';
import { dataset as datasetSchema } from '#contracts/items';
import { sampleKey } from '#contracts/table-keys';
import { newLandingDataset } from '#platform/datasets/datasets';
import { sampleIdOf } from '#platform/samples/sample-id';
import { maskOfRange } from '#platform/tags/bit-mask';
import { newId, someSample, someTag } from '../support/documents.ts';
import { type Flow, startFlow } from '../support/flow.ts';

/** As many as a client pages through without a thought. */
const SAMPLES = Number(process.env.LARGE_DATASET_SAMPLES ?? 200_000);
const FEW = SAMPLES / 4;
const MEBIBYTE = 1024 * 1024;
/** Node.js with the bundle takes about 150; what a page of the table and its answer take comes on top. */
const MOST_RSS = 400 * MEBIBYTE;

let flow: Flow;
let datasetId: string;
const measured: Record<string, unknown>[] = [];

beforeAll(async () => {
  flow = await startFlow();
  const { datasets, tags } = flow.client;
  const made = await datasets.ensure('many images', (id) =>
    datasetSchema.parse(newLandingDataset(id, 'many images', flow.buckets, Date.now())),
  );
  datasetId = made.id;
  for (let from = 0; from < SAMPLES; from += BATCH) {
    const batch = Array.from({ length: BATCH }, (_, offset) => itemOf(from + offset));
    await Promise.all(
      Array.from({ length: WRITERS }, (_, writer) =>
        putItems(
          flow.client.table,
          batch.slice((writer * BATCH) / WRITERS, ((writer + 1) * BATCH) / WRITERS),
        ),
      ),
    );
  }
  await datasets.advance(datasetId, { sampleCount: SAMPLES, processedUntil: 0 });
  for (const [name, size] of [
    ['all', SAMPLES],
    ['few', FEW],
  ] as const) {
    const mask = { bitMaskData: maskOfRange(0, size), totSize: size };
    await tags.create(someTag(datasetId, { name: `tag of ${name}`, ...mask }));
  }
}, 600_000);
afterAll(async () => {
  console.log(JSON.stringify(measured, undefined, 1));
  await flow?.close();
});

const BATCH = 4_000;
const WRITERS = 8;
/** What is stored of a sample, without going through its schema; facts are those of one, since they don't matter to a listing. */
function itemOf(index: number) {
  const id = sampleIdOf(datasetId, index);
  return { ...SAMPLE, datasetId, id, index, fileName: nameOf(index), ...sampleKey(datasetId, index) };
}
const { facts, ...fields } = someSample(newId(), 0);
const SAMPLE = { ...fields, facts: { ...facts, embedding: Buffer.alloc(256 * 4) } };

const nameOf = (index: number): string => `camera-${index % 7}/${String(index).padStart(7, '0')}.jpg`;

async function get(path: string, query: Record<string, string | number> = {}): Promise<Response> {
  const { apiUrl, token } = flow.cloud.connection;
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) search.set(name, String(value));
  const response = await fetch(new URL(`/v1/datasets/${datasetId}/${path}?${search}`, apiUrl), {
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return response;
}

/** All rows of a paged listing, and how long it took. */
async function page(path: string, pageSize: number, query: Record<string, string | number> = {}) {
  const startedAt = performance.now();
  const rows: unknown[] = [];
  for (;;) {
    const answer = (await (
      await get(path, { ...query, pageSize, pageOffset: rows.length })
    ).json()) as unknown[];
    rows.push(...answer);
    if (answer.length < pageSize) return { rows, ms: performance.now() - startedAt };
  }
}

async function tagIdOf(name: string): Promise<string> {
  const tags = (await (await get('tags')).json()) as { id: string; name: string }[];
  return tags.find((tag) => tag.name === name)!.id;
}

const peakRss = (): number => flow.cloud.statistics().api!.peakRssBytes;

/** Lists the first quarter and then all: time grows with the rows, and memory does not. */
async function compare(what: string, list: (tag: 'few' | 'all') => Promise<{ rows: number; ms: number }>) {
  const few = await list('few');
  const before = peakRss();
  const all = await list('all');
  const growth = (peakRss() - before) / MEBIBYTE;
  const msPerRow = [few.ms / few.rows, all.ms / all.rows];
  measured.push({
    what,
    rows: all.rows,
    seconds: Math.round(all.ms / 100) / 10,
    microsecondsPerRow: msPerRow.map((ms) => Math.round(ms * 1000)),
    peakMiB: Math.round(peakRss() / MEBIBYTE),
  });
  expect([few.rows, all.rows]).toEqual([FEW, SAMPLES]);
  // Four times the rows: a cost that grew with their square would be four times as high for each of them.
  expect(msPerRow[1]! / msPerRow[0]!).toBeLessThan(2);
  expect(growth).toBeLessThan(100);
  expect(peakRss()).toBeLessThan(MOST_RSS);
}

test('all mappings, in pages of 25,000, none of which is trimmed', async () => {
  const { rows, ms } = await page('mappings', 25_000, { field: 'fileName' });
  measured.push({
    what: 'mappings',
    rows: rows.length,
    seconds: Math.round(ms / 100) / 10,
    peakMiB: Math.round(peakRss() / MEBIBYTE),
  });
  expect(rows.length).toBe(SAMPLES);
  expect(rows[123_456 % SAMPLES]).toBe(nameOf(123_456 % SAMPLES));
  expect(new Set(rows).size).toBe(SAMPLES);
  expect(peakRss()).toBeLessThan(MOST_RSS);
}, 300_000);

test('all file names of a tag, in one answer', async () => {
  await compare('filenames of a tag', async (tag) => {
    const startedAt = performance.now();
    const response = await get(`tags/${await tagIdOf(`tag of ${tag}`)}/filenames`);
    const names = (await response.json()) as string[];
    return { rows: names.length, ms: performance.now() - startedAt };
  });
}, 300_000);

test('Label Studio tasks of a tag, in pages of 2,500', async () => {
  await compare('Label Studio tasks', async (tag) => {
    const path = `tags/${await tagIdOf(`tag of ${tag}`)}/export/LabelStudio/tasks`;
    const { rows, ms } = await page(path, 2_500);
    return { rows: rows.length, ms };
  });
}, 600_000);

test('file names as text, in pages of which the client counts the characters', async () => {
  await compare('file names as text', async (tag) => {
    const path = `tags/${await tagIdOf(`tag of ${tag}`)}/export/basic/filenames`;
    const startedAt = performance.now();
    const text = await (await get(path)).text();
    return { rows: text.trimEnd().split('\n').length, ms: performance.now() - startedAt };
  });
}, 300_000);
