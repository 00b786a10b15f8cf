import { RetryableError } from '#contracts/errors';
import type { RawSample } from '#contracts/items';
import { factSnapshotKey } from '#contracts/s3-keys';
import { newObjectId } from '#contracts/schema';
import type { imageGroups } from '#platform/runs/image-groups';
import type { FactBlocks } from '#platform/snapshots/fact-blocks';
import { isRead, readSnapshot, writeSnapshot } from '#platform/snapshots/fact-snapshot';
import type { Attempt } from '../attempt.ts';
import { rawSamplesOf } from '../raw-samples-of.ts';
import type { RunDeps } from '../run-deps.ts';

/** A reader asks for each object, so many small ones become one. */
const MOST_OBJECTS = 8;
/** Float32 values that are put together at a time: a gibibyte. Beyond that, runs read the table. */
const MOST_VALUES = 2 ** 28;

type ImageGroups = ReturnType<typeof imageGroups>;

/**
 * Adds what this run has read, and what was written beside runs, to the dataset's snapshot. Comes before anything is
 * settled: from then on the table's indexes don't list it any more. A snapshot that can't be kept whole is given up, and
 * the next run that reads everything begins a new one.
 *
 * @param groups - of images that this run has grouped, by file name
 * @returns what was written beside runs and is in the snapshot now
 */
export async function recordFacts(
  attempt: Attempt,
  groups: ImageGroups,
  deps: RunDeps,
): Promise<readonly RawSample[]> {
  const { dataset, run } = attempt;
  if ((dataset.factSnapshot?.cutoff ?? -1) >= run.cutoff) return [];
  const isKept = dataset.factSnapshot?.keys !== undefined || attempt.readsAll;
  const changed = isKept ? await Array.fromAsync(deps.rawSamples.listChanged(dataset.id)) : [];
  const keys = await keysWith(attempt, { changed, groups }, deps).catch((error: unknown) => {
    if (error instanceof RetryableError) throw error;
    deps.telemetry.log('warn', 'The snapshot of facts is given up', { runId: run.id, error });
    return undefined;
  });
  const snapshot = { cutoff: run.cutoff, ...(keys && { keys }) };
  // Where another attempt was faster, what has changed since is not in what it has recorded.
  if (!(await deps.datasets.recordFacts(dataset.id, snapshot)) || !keys) return [];
  await deleteReplaced(dataset.factSnapshot?.keys?.filter((key) => !keys.includes(key)) ?? [], deps);
  return changed;
}

/** What is in another object by now. Whoever is reading it just then reads the table instead. */
async function deleteReplaced(
  keys: readonly string[],
  { objects, platformBucket, telemetry }: RunDeps,
): Promise<void> {
  try {
    if (keys.length > 0) await objects.delete(platformBucket, keys);
  } catch (error) {
    telemetry.log('warn', 'Replaced facts were not deleted', { keys, error });
  }
}

async function keysWith(
  attempt: Attempt,
  { changed, groups }: { readonly changed: readonly RawSample[]; readonly groups: ImageGroups },
  deps: RunDeps,
): Promise<string[] | undefined> {
  const { dataset, run } = attempt;
  const before = dataset.factSnapshot?.keys;
  if (!before && !attempt.readsAll) return undefined;
  const read = before ? await readByThis(attempt, groups, deps) : await everything(attempt, deps);
  const added = changesOf([...read.map((each) => withGroup(each, groups)), ...changed]);
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

function withGroup(read: RawSample, groups: ImageGroups): RawSample {
  const found = groups.get(read.fileName);
  const isMeant = read.state === 'registered' && read.registeredAt === found?.registeredAt;
  return isMeant ? { ...read, group: found.group } : read;
}

/** What the run has read, and what earlier runs have read and this one has grouped. */
async function readByThis(attempt: Attempt, groups: ImageGroups, deps: RunDeps): Promise<RawSample[]> {
  const { dataset, read = [] } = attempt;
  const pending = await pendingRead(attempt, deps);
  // All are absent in an attempt that carries out a plan that it has not made.
  const settled = new Map(read.filter((each) => !each.pending).map((each) => [each.fileName, each]));
  const known = new Set(pending.map(({ fileName }) => fileName));
  const regrouped: RawSample[] = [];
  const missing: string[] = [];
  for (const [fileName, { group }] of groups) {
    const image = settled.get(fileName);
    if (!image && !known.has(fileName)) missing.push(fileName);
    if (image?.state === 'registered' && image.group?.id !== group.id) regrouped.push(image);
  }
  const found = await rawSamplesOf(dataset.id, missing, deps);
  // A newer state is for the next run.
  const isMeant = ({ fileName, registeredAt }: RawSample) =>
    groups.get(fileName)?.registeredAt === registeredAt;
  return [...pending, ...regrouped, ...[...found.values()].filter(isMeant)];
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
    removed: all.filter((one) => !isRead(one)).map(({ fileName }) => fileName),
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
