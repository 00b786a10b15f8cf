import { Readable } from 'node:stream';
import { InvalidInputError, NotFoundError } from '#contracts/errors';
import type { Dataset, RawSample } from '#contracts/items';
import type { WritableObjectStore } from '../objects/objects.ts';
import type { RawSampleStore } from '../samples/raw-samples.ts';
import { type FactBlocks, factBlocks, type ReadRawSample, readFactBlocks } from './fact-blocks.ts';

/*
 * The facts of a dataset's images in a few objects, for runs that look at all of them. Each run adds an object with what
 * it has read; the dataset's item names them all, in order, in the write that comes before the run settles what it has
 * read. So what no run has settled is in the table's indexes, and everything else in the objects: nothing is in neither.
 */

export interface SnapshotPlace {
  readonly objects: Pick<WritableObjectStore, 'open' | 'putStream'>;
  readonly platformBucket: string;
}

export interface AllFactsDeps extends SnapshotPlace {
  readonly rawSamples: Pick<RawSampleStore, 'list' | 'listPending' | 'listChanged'>;
  /** Told why the table is read instead. */
  readonly onFallback: (error: unknown) => void;
}

/** Later than any registration. */
const ANY_TIME = 9_999_999_999_999;

/**
 * The newest state of every image of the dataset but deleted and archived ones, as `RawSampleStore.list` has them: from the snapshot,
 * and from the table only what has been written since. Where there is no whole snapshot, all from the table.
 */
export async function allFacts(
  dataset: Dataset,
  deps: AllFactsDeps,
): Promise<AsyncIterable<RawSample> | Iterable<RawSample>> {
  const known = await settledFacts(dataset, deps);
  if (!known) return deps.rawSamples.list(dataset.id);
  for await (const written of deps.rawSamples.listPending(dataset.id, ANY_TIME)) overlay(known, written);
  return known.values();
}

/**
 * By file name, the state of every image that runs have settled, but for deleted and archived ones; of what is pending, what was there
 * before, if anything was. Nothing where there is no whole snapshot.
 */
export async function settledFacts(
  dataset: Dataset,
  deps: SnapshotPlace & {
    readonly rawSamples: Pick<RawSampleStore, 'listChanged'>;
    readonly onFallback: (error: unknown) => void;
  },
): Promise<Map<string, RawSample> | undefined> {
  const { keys } = dataset.factSnapshot ?? {};
  if (!keys) return undefined;
  let known: Map<string, RawSample>;
  try {
    known = await readSnapshot(dataset.id, keys, deps);
  } catch (error) {
    if (!(error instanceof NotFoundError) && !(error instanceof InvalidInputError)) throw error;
    deps.onFallback(error);
    return undefined;
  }
  for await (const written of deps.rawSamples.listChanged(dataset.id)) overlay(known, written);
  return known;
}

/** An image that was deleted and came back between two looks is in both lists; the newer state counts. */
function overlay(known: Map<string, RawSample>, written: RawSample): void {
  const before = known.get(written.fileName);
  if (before && before.registeredAt > written.registeredAt) return;
  if (isRead(written)) known.set(written.fileName, written);
  else known.delete(written.fileName);
}

/** @throws NotFoundError, InvalidInputError where an object is missing or can't be read */
export async function readSnapshot(
  datasetId: string,
  keys: readonly string[],
  place: SnapshotPlace,
): Promise<Map<string, RawSample>> {
  const known = new Map<string, RawSample>();
  for (const key of keys) {
    const { rows, removed } = await readObject(datasetId, key, place);
    for (const fileName of removed) known.delete(fileName);
    for (const row of rows) known.set(row.fileName, row);
  }
  return known;
}

async function readObject(
  datasetId: string,
  key: string,
  { objects, platformBucket: bucket }: SnapshotPlace,
): Promise<FactBlocks> {
  const found = await objects.open({ bucket, key });
  if (!found) throw new NotFoundError('facts', key);
  return readFactBlocks(datasetId, found.body);
}

/** Writes images, sorted by file name, to an object. Nothing is visible before the end. */
export async function writeSnapshot(
  datasetId: string,
  key: string,
  { rows, removed }: FactBlocks,
  { objects, platformBucket: bucket }: SnapshotPlace,
): Promise<void> {
  const sorted = rows.toSorted((one, other) => (one.fileName < other.fileName ? -1 : 1));
  const body = Readable.from(factBlocks(datasetId, { rows: sorted, removed }), { objectMode: false });
  await objects.putStream({ bucket, key }, body, { contentType: 'application/octet-stream' });
}

/** What runs look at: neither what was deleted nor what is in an archive since it was read. */
export const isRead = (rawSample: RawSample): rawSample is ReadRawSample =>
  rawSample.state === 'registered' || rawSample.state === 'rejected';
