import type { DatasetSync } from '#contracts/syncs';
import type { Datasource } from '../datasources/datasources.ts';
import { placeDigestOf } from './place-digest.ts';

/** What of a sync tells it. */
export type ListedSoFar = Pick<DatasetSync, 'placeDigest' | 'source' | 'parts' | 'firstFinishedAt'>;

/**
 * True where a dataset has listed its datasource, all of it once or some of it by now: it may know which files there are. A
 * report of an inventory shows no such right, for it is in a place of its own.
 */
export function isListedPlace(sync: ListedSoFar | undefined, input: Datasource): boolean {
  if (sync?.placeDigest !== placeDigestOf(input)) return false;
  if (sync.firstFinishedAt !== undefined) return true;
  return sync.source === 'listing' && sync.parts.some(({ listed }) => listed > 0);
}
