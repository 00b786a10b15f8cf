import { parseArgs } from 'node:util';
import { rawSampleStore } from '#aws/raw-sample-store';
import { objectStore } from '#aws/s3-objects';
import { itemCodec } from '#aws/stored-item';
import { putItems } from '#aws/table-batches';
import { type Dataset, type RawSample, type RegisteredRawSample, rawSample } from '#contracts/items';
import { pendingIndexKey, rawSampleKey } from '#contracts/table-keys';
import { newLandingDataset } from '#platform/datasets/datasets';
import { allFacts, writeSnapshot } from '#platform/snapshots/fact-snapshot';
import { inOneMatrix } from '#platform/snapshots/one-matrix';
import { startStorageServer, startTableServer } from '../test/support/aws-servers.ts';
import { newId, someFacts, someRawSample } from '../test/support/documents.ts';
import { type Figure, figureOf } from './figure.ts';

const BATCH = 5_000;
const ROUNDS = 3;
/** What has arrived since the snapshot was written. */
const NEW_SHARE = 0.01;
const KEY = 'bench.facts';

const codec = itemCodec<RawSample>('raw sample', rawSample);

interface Loads {
  readonly table: number[];
  readonly snapshot: number[];
  /** The snapshot, and as much again as is new from the table. */
  readonly secondRun: number[];
  readonly writing: number;
  readonly megabytes: number;
}

/** Facts of 20,000 images from the table, versus from the snapshot and what is new from the table. */
export async function factsFromSnapshot(): Promise<Figure> {
  const { table, secondRun } = await loadsOf(20_000);
  const ratios = table.map((seconds, round) => seconds / (secondRun[round] as number));
  return figureOf('facts-snapshot-vs-table', '>= 5', ratios);
}

/**
 * Seconds that it takes to load the facts of so many images, as a run that reads all of them does. Table and bucket are
 * servers in this process, which know no network and share its processor: DynamoDB answers faster, S3 more slowly.
 */
async function loadsOf(count: number, rounds = ROUNDS): Promise<Loads> {
  const [{ table, stop }, storage] = await Promise.all([startTableServer(), startStorageServer()]);
  try {
    const dataset = newLandingDataset(newId(), 'bench', { landing: 'landing', platform: storage.bucket }, 1);
    const rows = await registered(dataset, count);
    for (let from = 0; from < count; from += BATCH) {
      const items = rows.slice(from, from + BATCH).map((row) => {
        const key = rawSampleKey(dataset.id, row.fileName);
        return codec.encode(row, {
          ...key,
          ...(row.pending && pendingIndexKey(dataset.id, row.fileName, row.registeredAt)),
        });
      });
      await putItems(table, items);
    }
    const place = { objects: objectStore(storage.s3), platformBucket: storage.bucket };
    const old = rows.filter(({ pending }) => !pending);
    const writing = await secondsOf(() => writeSnapshot(dataset.id, KEY, { rows: old, removed: [] }, place));
    const size = (await place.objects.head({ bucket: storage.bucket, key: KEY }))?.size ?? 0;
    const rawSamples = rawSampleStore(table);
    const onFallback = (error: unknown): never => {
      throw error;
    };
    const load = async (factSnapshot: Dataset['factSnapshot'], store: typeof rawSamples): Promise<void> => {
      const all = await allFacts({ ...dataset, factSnapshot }, { ...place, rawSamples: store, onFallback });
      const loaded = inOneMatrix(await Array.fromAsync(all));
      if (loaded.length < old.length) throw new Error(`Only ${loaded.length} of ${count} were loaded.`);
    };
    const nothingNew = { ...rawSamples, listPending: none, listChanged: none };
    const loads: Loads = { table: [], snapshot: [], secondRun: [], writing, megabytes: size / 1e6 };
    for (let round = 0; round < rounds; round++) {
      loads.table.push(await secondsOf(() => load(undefined, rawSamples)));
      loads.snapshot.push(await secondsOf(() => load({ cutoff: 1, keys: [KEY] }, nothingNew)));
      loads.secondRun.push(await secondsOf(() => load({ cutoff: 1, keys: [KEY] }, rawSamples)));
    }
    return loads;
  } finally {
    await Promise.all([stop(), storage.stop()]);
  }
}

async function* none(): AsyncGenerator<RawSample> {}

async function registered(dataset: Dataset, count: number): Promise<RegisteredRawSample[]> {
  const facts = someFacts(1);
  return Array.from({ length: count }, (_, at) => {
    const fileName = `camera-${at % 7}/${String(at).padStart(7, '0')}.jpg`;
    const embedding = Float32Array.from({ length: 256 }, (__, axis) => Math.sin(at + axis) / 16);
    const pending = at % Math.round(1 / NEW_SHARE) === 0;
    return someRawSample({ datasetId: dataset.id, fileName, pending, facts: { ...facts, embedding } });
  });
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { count: { type: 'string', default: '200000' }, rounds: { type: 'string', default: '1' } },
  });
  const loads = await loadsOf(Number(values.count), Number(values.rounds));
  const median = (seconds: number[]): string =>
    (seconds.toSorted((one, other) => one - other)[seconds.length >> 1] ?? Number.NaN).toFixed(1);
  console.log(`${values.count} images, rounds: ${values.rounds}, medians in seconds:`);
  console.log(`from the table                          ${median(loads.table)}`);
  console.log(`from the snapshot                       ${median(loads.snapshot)}`);
  console.log(`from the snapshot, 1 % new in the table ${median(loads.secondRun)}`);
  console.log(`writing the snapshot (${loads.megabytes.toFixed(0)} MB)          ${loads.writing.toFixed(1)}`);
}
