import { RetryableError } from '#contracts/errors';
import type { RawSample } from '#contracts/items';
import { factSnapshotKey } from '#contracts/s3-keys';
import { newObjectId } from '#contracts/schema';
import type { FactBlocks } from '#platform/snapshots/fact-blocks';
import { isRead, readSnapshot, writeSnapshot } from '#platform/snapshots/fact-snapshot';
import type { Attempt } from './attempt.ts';
import type { RunDeps } from './run-deps.ts';

/** A reader asks for each object, so many small ones become one. */
const MOST_OBJECTS = 8;
/** Float32 values that are put together at a time: a gibibyte. Beyond that, runs read the table. */
const MOST_VALUES = 2 ** 28;

/**
 * Adds what this run has read, and what was written beside runs, to the dataset's snapshot. Comes before anything is
 * settled: from then on the table's indexes don't list it any more. A snapshot that can't be kept whole is given up, and
 * the next run that reads everything begins a new one.
 *
 * @returns what was written beside runs and is in the snapshot now
 */
export async function recordFacts(attempt: Attempt, deps: RunDeps): Promise<readonly RawSample[]> {
  const { dataset, run } = attempt;
  if ((dataset.factSnapshot?.cutoff ?? -1) >= run.cutoff) return [];
  const changed = await Array.fromAsync(deps.rawSamples.listChanged(dataset.id));
  const keys = await keysWith(attempt, changed, deps).catch((error: unknown) => {
    if (error instanceof RetryableError) throw error;
    deps.telemetry.log('warn', 'The snapshot of facts is given up', { runId: run.id, error });
    return undefined;
  });
  await deps.datasets.recordFacts(dataset.id, { cutoff: run.cutoff, ...(keys && { keys }) });
  return keys ? changed : [];
}

async function keysWith(
  attempt: Attempt,
  changed: readonly RawSample[],
  deps: RunDeps,
): Promise<string[] | undefined> {
  const { dataset, run } = attempt;
  const before = dataset.factSnapshot?.keys;
  if (!before && !attempt.readsAll) return undefined;
  const read = before ? await pendingRead(attempt, deps) : await everything(attempt, deps);
  const added = changesOf([...read, ...changed]);
  if (before && added.rows.length + added.removed.length === 0) return before;
  const id = newObjectId(deps.now());
  const key = factSnapshotKey(dataset.id, `${run.id}-${id}`);
  const isWhole = !before || before.length >= MOST_OBJECTS;
  const blocks = isWhole && before ? await merged(dataset.id, before, added, deps) : added;
  const values = blocks.rows.reduce(
    (sum, row) => sum + (row.state === 'registered' ? row.facts.embedding.length : 0),
    0,
  );
  if (values > MOST_VALUES) return undefined;
  await writeSnapshot(dataset.id, key, blocks, deps);
  return isWhole ? [key] : [...before, key];
}

/** What the run is about to settle, and perhaps more of what is pending. */
async function pendingRead({ dataset, run, read }: Attempt, { rawSamples }: RunDeps): Promise<RawSample[]> {
  if (read) return read.filter(({ pending }) => pending);
  return Array.fromAsync(rawSamples.listPending(dataset.id, run.cutoff));
}

/** Also what has come since: it is pending, and counts before what is here. */
async function everything(
  { dataset, read }: Attempt,
  { rawSamples }: RunDeps,
): Promise<readonly RawSample[]> {
  return read ?? Array.fromAsync(rawSamples.list(dataset.id));
}

/** The newest state of each. */
function changesOf(written: readonly RawSample[]): FactBlocks {
  const newest = new Map<string, RawSample>();
  for (const one of written) {
    const before = newest.get(one.fileName);
    if (!before || before.registeredAt <= one.registeredAt) newest.set(one.fileName, one);
  }
  const all = [...newest.values()];
  return {
    rows: all.filter(isRead),
    removed: all.filter(({ state }) => state === 'deleted').map(({ fileName }) => fileName),
  };
}

async function merged(
  datasetId: string,
  keys: readonly string[],
  { rows, removed }: FactBlocks,
  deps: RunDeps,
): Promise<FactBlocks> {
  const known = await readSnapshot(datasetId, keys, deps);
  for (const fileName of removed) known.delete(fileName);
  for (const row of rows) known.set(row.fileName, row);
  return { rows: [...known.values()].filter(isRead), removed: [] };
}
