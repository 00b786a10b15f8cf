import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ObjectDescription, WritableObjectStore } from '#platform/objects/objects';
import type { SampleStore } from '#platform/samples/samples';
import { maskOfRange } from '#platform/tags/bit-mask';
import { writeExport } from '../../functions/export/write-export.ts';
import { completedRun } from '../support/completed-run.ts';
import { newId, someSample } from '../support/documents.ts';
import { type RunWorld, startRunWorld } from '../support/run-world.ts';

const ROWS = 100_000;
const MEBIBYTE = 1024 * 1024;
/** A page of samples and a few chunks; a worker that held the file, or its rows, would need tens of these. */
const MOST_GROWTH = 8 * MEBIBYTE;

let world: RunWorld;
beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that are in use, without what only waits to be collected. */
const memoryInUse = (): number => {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

/** Takes a stream in as S3 does, but keeps only its size and hash, and looks at the memory meanwhile. */
function measuringObjects(objects: WritableObjectStore) {
  const seen = { bytes: 0, sha256: '', first: 0, peak: 0, metadata: {} as Readonly<Record<string, string>> };
  const measuring: WritableObjectStore = {
    ...objects,
    putStream: async (_reference, body: Readable, { metadata = {} }) => {
      const hash = createHash('sha256');
      let chunks = 0;
      for await (const chunk of body as AsyncIterable<Buffer>) {
        seen.bytes += chunk.length;
        hash.update(chunk);
        if (chunks === 0) seen.first = memoryInUse();
        // Collecting garbage takes the longer the more tests this process has run before.
        if (chunks % 100 === 0) seen.peak = Math.max(seen.peak, memoryInUse());
        chunks += 1;
      }
      seen.sha256 = hash.digest('hex');
      seen.metadata = metadata;
    },
    head: async (): Promise<ObjectDescription> => ({
      eTag: '',
      size: seen.bytes,
      lastModified: 0,
      metadata: seen.metadata,
    }),
  };
  return { measuring, seen };
}

test(`an export of ${ROWS} rows does not grow with them`, async () => {
  const { dataset, run } = await completedRun(world, { exports: { formats: ['csv'] } });
  const template = someSample(dataset.id, 0);
  const samples: SampleStore = {
    ...world.samples,
    async *range(_datasetId, from, to) {
      for (let index = from; index < to; index++) {
        const { fileName } = someRow(index);
        yield { ...template, index, fileName, key: `shop/${fileName}` };
        // A page of the table ends here and there.
        if (index % 500 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    },
  };
  const tags = {
    ...world.tags,
    get: async (datasetId: string, name: string) => {
      const tag = await world.tags.get(datasetId, name);
      return tag && { ...tag, totSize: ROWS, bitMaskData: maskOfRange(0, ROWS) };
    },
  };
  const { measuring, seen } = measuringObjects(world.objects);
  const message = { datasetId: dataset.id, runId: run.id, format: 'csv' as const };
  const whole = {
    ...message,
    formats: ['csv' as const, 'coco' as const],
    readUrls: 'redirect' as const,
    readUrlExpirySeconds: 3600,
  };
  await writeExport(whole, { ...world, samples, tags, objects: measuring });

  const record = await world.exports.get(dataset.id, run.id, 'csv');
  expect(record).toMatchObject({ rows: ROWS, bytes: seen.bytes, sha256: seen.sha256 });
  const growth = seen.peak - seen.first;
  console.info(
    `file ${Math.round(seen.bytes / MEBIBYTE)} MiB, memory grew by ${Math.round(growth / MEBIBYTE)} MiB at most`,
  );
  expect(seen.bytes).toBeGreaterThan(3 * MOST_GROWTH);
  expect(growth).toBeLessThan(MOST_GROWTH);
}, 120_000);

const salt = newId();
const someRow = (index: number) => ({ fileName: `${salt}/image-${index}.jpg` });
