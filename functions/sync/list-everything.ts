import pMap from 'p-map';
import type { ReadableDatasource } from '#platform/datasources/datasource-objects';
import { allFilesIn } from '#platform/datasources/listing/relevant-files';
import { splitListing } from '#platform/datasources/listing/split-listing';
import type { KnownChunks } from '#platform/syncs/sync-memory';
import { CONCURRENT_PARTS, newPart, PARTS_OF_LISTING } from '#platform/syncs/sync-parts';
import { listPart } from './list-part.ts';
import { pace } from './pace.ts';
import { compareChunks, replayChunks } from './settle-chunks.ts';
import type { SyncDeps } from './sync-deps.ts';
import type { SyncWork } from './sync-work.ts';

/**
 * Lists what is left of a sync, several parts side by side. Where one of them fails, the others come to the end of what
 * they are at.
 *
 * @throws the first error of a part; what all of them have done by then is part of the work
 */
export async function listEverything(
  work: SyncWork,
  known: KnownChunks | undefined,
  deps: SyncDeps,
): Promise<void> {
  if ((await deps.ingestBacklog()) > deps.limits.mostBacklog) return work.stop('backlog');
  const objects = slowedDown(await deps.datasourceConnections.open(work.datasource), work);
  if (work.tally.parts().length === 0) work.tally.divide((await rangesOf(work, known, objects)).map(newPart));
  const settle = work.begun.kind === 'replay' ? replayChunks(work, deps) : compareChunks(objects, work, deps);
  const failures: unknown[] = [];
  await pMap(
    work.tally
      .parts()
      .map((part, index) => ({ part, index }))
      .filter(({ part }) => !part.isDone),
    async ({ part, index }) => {
      try {
        await listPart(index, part, objects, settle, work, deps);
      } catch (error) {
        failures.push(error);
        work.stop('failed');
      }
    },
    { concurrency: CONCURRENT_PARTS },
  );
  if (failures.length > 0) throw failures[0];
}

/** As the last listing was divided; a small datasource, and one that nobody has looked at yet, is not. */
async function rangesOf(
  { begun: { placeDigest, scope, kind } }: SyncWork,
  known: KnownChunks | undefined,
  objects: ReadableDatasource,
) {
  if (kind === 'compare' && known?.placeDigest === placeDigest && known.ranges.length > 0)
    return known.ranges;
  const { prefix = '' } = scope;
  const { isLast } = await objects.list({ prefix, after: undefined, limit: 1_000 });
  return isLast ? [{}] : splitListing(objects, allFilesIn(prefix), PARTS_OF_LISTING);
}

/** Lists as often as the settings allow, and counts how often. */
function slowedDown(objects: ReadableDatasource, work: SyncWork): ReadableDatasource {
  const turn = pace(work.dataset.settings.input.listRequestsPerSecond);
  return {
    ...objects,
    list: async (request) => {
      await turn();
      work.tally.countRequest();
      return objects.list(request);
    },
  };
}
