import type { RawSample } from '#contracts/items';
import type { DatasetSync } from '#contracts/syncs';
import { isArchivedRejection } from '#platform/samples/raw-samples';
import type { Arrival } from './arrival.ts';

/** What was read of an object. */
export type ReadState = Pick<RawSample, 'eTag' | 'size' | 'lastModified' | 'registeredAt'>;

/**
 * When a state counts as new for listings of a time range, ms; undefined where that is the object's own modification time.
 *
 * Whoever lists the datasource without a lower bound gets what is in it, registered or not. So what was there before its first
 * compare began keeps its own time, lest it comes a second time with what is new; and what is only described
 * anew keeps the time it had.
 *
 * @param sync of the dataset, where there has been one
 */
export function newAtOf(
  read: ReadState,
  { stored, bucket, key, order, bornAt }: Pick<Arrival, 'stored' | 'bucket' | 'key' | 'order' | 'bornAt'>,
  sync: Pick<DatasetSync, 'firstStartedAt' | 'firstFinishedAt'> | undefined,
): number | undefined {
  const isKnown = stored?.state !== 'deleted' && stored?.bucket === bucket && stored.key === key;
  if (isKnown && stored.eTag === read.eTag && stored.size === read.size && !isArchivedRejection(stored)) {
    return stored.newAt;
  }
  if (!sync) return read.registeredAt;
  const { firstStartedAt, firstFinishedAt = Number.POSITIVE_INFINITY } = sync;
  // Uploads in parts are as old as their beginning, and events tell of their end.
  const wasThere = read.lastModified < firstStartedAt && (bornAt ?? 0) < firstStartedAt;
  const isOfFirstCompare = order.by === 'sequencer' || (order.at ?? 0) <= firstFinishedAt;
  return wasThere && isOfFirstCompare ? read.lastModified : read.registeredAt;
}
