import type { ReadableDatasource } from '#platform/datasources/datasource-objects';
import {
  type Difference,
  differences,
  isPerhapsRestored,
  type KnownObjects,
  knownObjects,
} from '#platform/syncs/differences';
import type { NameChunk } from '#platform/syncs/name-chunks';
import { countedObjects } from '#platform/syncs/registry-counts';
import { type CheckRemovals, checkRemovals } from './check-removals.ts';
import type { SettleChunks } from './list-part.ts';
import { NOTHING_REQUESTED, requestAgain, requestDifferences } from './observations.ts';
import type { SyncDeps } from './sync-deps.ts';
import type { Requested, Settled } from './sync-tally.ts';
import { compareRuleOf, type SyncWork } from './sync-work.ts';

/** Differences that are held before ingest is asked. */
const AT_A_TIME = 200;

/**
 * Compares chunks with the registry. One whose digest is that of a chunk which was in order is not looked up; the others
 * are, as many at once as follow each other.
 */
export function compareChunks(objects: ReadableDatasource, work: SyncWork, deps: SyncDeps): SettleChunks {
  const surroundings = { objects, mayRemove: checkRemovals(objects, work), work, deps };
  return async (index, chunks) => {
    for (let at = 0; at < chunks.length; ) {
      const unknown = chunks.slice(at).findIndex((chunk) => !work.knownOf(chunk));
      const known = chunks.slice(at, unknown < 0 ? undefined : at + unknown);
      for (const chunk of known) {
        const settled = { requested: NOTHING_REQUESTED, registry: work.knownOf(chunk), isInOrder: true };
        work.tally.commit(index, chunk, settled);
      }
      at += known.length;
      const next = chunks.slice(at).findIndex((chunk) => work.knownOf(chunk));
      const group = chunks.slice(at, next < 0 ? undefined : at + next);
      if (group.length > 0 && !(await compareGroup(index, group, surroundings))) return false;
      at += group.length;
    }
    return true;
  };
}

interface Surroundings {
  readonly objects: ReadableDatasource;
  readonly mayRemove: CheckRemovals;
  readonly work: SyncWork;
  readonly deps: SyncDeps;
}

async function compareGroup(
  index: number,
  group: readonly NameChunk[],
  surroundings: Surroundings,
): Promise<boolean> {
  const { work, deps } = surroundings;
  const range = { after: group[0]?.after, until: group.at(-1)?.until };
  const known = knownObjects(deps.rawSamples.listRange(work.dataset.id, range));
  try {
    for (const chunk of group) {
      const settled = await compareChunk(chunk, known, surroundings);
      if (!settled) return false;
      work.tally.commit(index, chunk, settled);
    }
    return true;
  } finally {
    await known.close();
  }
}

/** Undefined where it does not go on now. */
async function compareChunk(
  chunk: NameChunk,
  known: KnownObjects,
  { objects, mayRemove, work, deps }: Surroundings,
): Promise<Settled | undefined> {
  const rule = compareRuleOf(work, deps);
  const counted = countedObjects(known);
  let requested = NOTHING_REQUESTED;
  let isInOrder = true;
  let batch: Difference[] = [];
  const request = async () => {
    if (batch.some(({ kind }) => kind === 'absent')) await mayRemove();
    requested = sum(requested, await requestDifferences(batch, objects, work, deps));
    batch = [];
  };
  for await (const difference of differences(chunk, counted.known, rule)) {
    isInOrder &&= isPerhapsRestored(difference, rule.place);
    batch.push(difference);
    if (batch.length < AT_A_TIME) continue;
    await request();
    if (!(await work.goesOn())) return undefined;
  }
  await request();
  return { requested, registry: counted.counts(), isInOrder };
}

const sum = (a: Requested, b: Requested): Requested => ({
  missed: a.missed + b.missed,
  missedInArchive: a.missedInArchive + b.missedInArchive,
  changed: a.changed + b.changed,
  gone: a.gone + b.gone,
});

/** Has everything in scope looked at once more. */
export function replayChunks(work: SyncWork, deps: SyncDeps): SettleChunks {
  const { from = 0, to = Number.POSITIVE_INFINITY } = work.begun.scope;
  return async (index, chunks) => {
    for (const chunk of chunks) {
      const files = chunk.files.filter(
        ({ skipped, lastModified }) => skipped === undefined && lastModified >= from && lastModified <= to,
      );
      const requested = await requestAgain(files, work, deps);
      work.tally.commit(index, chunk, { requested, isInOrder: false });
    }
    return true;
  };
}
