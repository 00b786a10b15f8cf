import { NotFoundError } from '#contracts/errors';
import type { AskedSyncAnswer } from '#contracts/input-routes';
import { type ObjectId, objectId } from '#contracts/schema';
import type { DatasetSync } from '#contracts/syncs';
import { comparedAt } from './next-sync.ts';

/*
 * What somebody has asked for, by an id that says all there is to know of it. A replay has one of its own. A compare is done
 * for all who have asked before it began, so its id is when it was asked for.
 */

/** @param askedAt ms */
export const idOfCompare = (askedAt: number, { thorough = false }: { readonly thorough?: boolean }): string =>
  `${thorough ? 'thorough' : 'compare'}-${askedAt}`;

const OF_COMPARE = /^(compare|thorough)-(\d{1,15})$/;

/**
 * How far it is. FAILED is what its owner has to put right; then it goes on by itself.
 *
 * @param sync of the dataset, where there has been one
 * @throws NotFoundError for what is no id of this kind
 */
export function askedSync(id: string, sync: DatasetSync | undefined): Omit<AskedSyncAnswer, 'pausedAt'> {
  const [, kind, askedAt] = OF_COMPARE.exec(id) ?? [];
  if (kind !== undefined) {
    const compare = { id, askedAt: Number(askedAt), isThorough: kind === 'thorough' };
    return { id, ...(sync ? progressOfCompare(compare, sync) : WAITING) };
  }
  if (!objectId.safeParse(id).success) throw new NotFoundError('sync', id.slice(0, LONGEST_QUOTE));
  return { id, ...(sync ? progressOfReplay(id, sync) : WAITING) };
}

type Progress = Omit<AskedSyncAnswer, 'id' | 'pausedAt'>;

/** Enough of what was sent to know it again. */
const LONGEST_QUOTE = 100;
const WAITING: Progress = { state: 'WAITING' };
const DONE: Progress = { state: 'DONE' };
const RUNNING: Progress = { state: 'RUNNING' };

function progressOfCompare(
  { askedAt, isThorough }: { readonly askedAt: number; readonly isThorough: boolean },
  sync: DatasetSync,
): Progress {
  if (comparedAt(sync, isThorough) >= askedAt) return DONE;
  const isIt =
    sync.kind === 'compare' && sync.startedAt >= askedAt && (!isThorough || sync.thorough === true);
  return progressOf(sync, isIt, askedAt);
}

function progressOfReplay(id: ObjectId, sync: DatasetSync): Progress {
  const ended = sync.endedReplays?.find((replay) => replay.id === id);
  if (ended?.outcome === 'done') return DONE;
  if (ended) return { state: 'FAILED', error: GIVEN_UP };
  return progressOf(sync, sync.id === id, askedAtOf(id));
}

const GIVEN_UP =
  'It was given up: its datasource has refused it for a week, or became another place. Ask for another replay.';

/** Ids begin with the second of their creation. @returns ms */
const askedAtOf = (id: ObjectId): number => Number.parseInt(id.slice(0, 8), 16) * 1000;

/** What the datasource has refused since it was asked for keeps what waits behind it from beginning, too. */
function progressOf({ state, error, lastProgressAt }: DatasetSync, isIt: boolean, askedAt: number): Progress {
  if (state === 'FAILED' && (isIt || lastProgressAt >= askedAt)) {
    return { state: 'FAILED', ...(error !== undefined && { error }) };
  }
  return isIt && state === 'RUNNING' ? RUNNING : WAITING;
}
