import type { InputSettings } from '#contracts/input-settings';
import type { DatasetSync } from '#contracts/syncs';

/** What S3 takes for a listing request, and what listing a datasource may come to in a day. In dollars. */
const REQUEST_COST = 0.005 / 1000;
const MOST_COST_PER_DAY = 2;
const DAY_SECONDS = 24 * 60 * 60;
const LEAST_SECONDS = 5 * 60;
/** Longer than a worker that lives is silent (ms). */
const SILENT_AFTER_MS = 5 * 60_000;

/** Objects that are younger than this (ms) are left to their events, which are under way. */
export const YOUNGEST_OBJECT_MS = 2 * 60_000;

/** What reconcile has to send for a dataset, if anything. */
export type DueSync = 'compare' | 'thorough' | 'stalled';

/** How long after a compare the next one begins: the more it costs, the longer. */
export function secondsBetweenSyncs(
  { listEverySeconds }: Pick<InputSettings, 'listEverySeconds'>,
  last: Pick<NonNullable<DatasetSync['last']>, 'counts'> | undefined,
): number {
  if (listEverySeconds !== undefined) return listEverySeconds;
  const cost = (last?.counts.requests ?? 0) * REQUEST_COST;
  const affordable = Math.ceil((cost / MOST_COST_PER_DAY) * DAY_SECONDS);
  return Math.min(DAY_SECONDS, Math.max(LEAST_SECONDS, affordable));
}

/** What it costs to have ingest look at a file in vain: with half a million of them, once a day comes to about as much as listing may. */
const EACH_REFUSED_MS = 200;
const SHARE_OF_AGE = 1 / 8;

/**
 * How long (ms) files that are refused are left alone while others can be read: the more they are and the longer they have been
 * refused, the longer, up to a day. How many they are is told by what the last compare has asked for; of the first one that is
 * everything, which is why it takes both.
 *
 * @param facts `since` (ms) of the problem, `least` (ms)
 */
export function refusedLeftAloneMs(
  last: Pick<NonNullable<DatasetSync['last']>, 'counts'> | undefined,
  { since, least, now }: { readonly since: number; readonly least: number; readonly now: number },
): number {
  const { missed = 0, changed = 0 } = last?.counts ?? {};
  const affordable = Math.min((missed + changed) * EACH_REFUSED_MS, (now - since) * SHARE_OF_AGE);
  return Math.min(DAY_SECONDS * 1000, Math.max(least, affordable));
}

/**
 * Whether a dataset is to be listed now. Another place than the one that was listed last is, and so is one where a sync has
 * failed. Once a day everything is looked up, whatever listings have found: what the registry was told wrongly in between
 * shows in no listing.
 *
 * @param facts the place of the dataset's INPUT as it is now, see `placeDigestOf`; `now` in ms
 */
export function dueSync(
  sync: DatasetSync | undefined,
  settings: Pick<InputSettings, 'listEverySeconds'>,
  { placeDigest, now }: { readonly placeDigest: string; readonly now: number },
): DueSync | undefined {
  if (sync?.placeDigest !== placeDigest) return 'compare';
  if (sync.state === 'RUNNING') {
    return now - Math.max(sync.lastProgressAt, sync.leaseUntil ?? 0) > SILENT_AFTER_MS
      ? 'stalled'
      : undefined;
  }
  if (sync.state === 'FAILED') {
    return now - sync.lastProgressAt >= LEAST_SECONDS * 1000 ? 'compare' : undefined;
  }
  // Of a replay or an inventory that has just ended, the last compare tells.
  const lastAt = sync.kind === 'compare' && sync.source === 'listing' ? sync.startedAt : sync.last?.startedAt;
  const waitMs = secondsBetweenSyncs(settings, sync.last) * 1000;
  if (lastAt !== undefined && now - lastAt < waitMs) return undefined;
  const isThoroughDue = sync.thoroughAt !== undefined && now - sync.thoroughAt >= DAY_SECONDS * 1000;
  return isThoroughDue ? 'thorough' : 'compare';
}
