import type { DatasetSync, SyncCounts, SyncPart } from '#contracts/syncs';

/** How far a sync has come, for people. */
export interface SyncProgress
  extends Pick<
    DatasetSync,
    'id' | 'kind' | 'source' | 'report' | 'reportProblem' | 'state' | 'startedAt' | 'lastProgressAt'
  > {
  readonly finishedAt?: number;
  /** Why it is FAILED, and what to do. */
  readonly error?: string;
  /** Objects listed so far. */
  readonly listed: number;
  /** How many it will be in all; absent where nothing is known to tell it by. */
  readonly estimatedTotal?: number;
  /** Absent where it has ended, and where there is nothing to tell it by. */
  readonly estimatedSecondsLeft?: number;
  /** Ranges of names, or files of an inventory. */
  readonly parts: { readonly done: number; readonly all: number };
  readonly counts: SyncCounts;
  /** True until everything that the datasource has was compared once. */
  readonly isFirst: boolean;
  /** The last compare that was complete. */
  readonly last?: NonNullable<DatasetSync['last']>;
}

/** A share smaller than this of a range of names is too little to tell the rest by. */
const LEAST_SHARE = 0.02;

/** @param now ms */
export function syncProgress(sync: DatasetSync, now: number): SyncProgress {
  const { id, kind, source, state, startedAt, lastProgressAt, finishedAt, error, counts, last } = sync;
  const { listed } = counts;
  const { report, reportProblem } = sync;
  const total = state === 'RUNNING' ? estimatedTotal(sync) : undefined;
  const secondsLeft = total === undefined ? undefined : secondsFor(total - listed, sync, now);
  return {
    ...{ id, kind, source, state, startedAt, lastProgressAt, listed, counts },
    ...(report !== undefined && { report }),
    ...(reportProblem !== undefined && { reportProblem }),
    ...(finishedAt !== undefined && { finishedAt }),
    ...(error !== undefined && { error }),
    ...(total !== undefined && { estimatedTotal: total }),
    ...(secondsLeft !== undefined && { estimatedSecondsLeft: secondsLeft }),
    parts: { done: sync.parts.filter(({ isDone }) => isDone).length, all: sync.parts.length },
    isFirst: sync.firstFinishedAt === undefined,
    ...(last && { last }),
  };
}

/** As many as the last time, where there was one; else by the parts, which are about alike. */
function estimatedTotal({ kind, source, counts, last, parts }: DatasetSync): number | undefined {
  if (kind === 'compare' && last) return Math.max(last.counts.listed, counts.listed);
  if (source === 'inventory') return estimatedRows(parts);
  const known = parts.flatMap((part) => estimateOf(part) ?? []);
  if (known.length === 0) return undefined;
  const mean = known.reduce((sum, count) => sum + count, 0) / known.length;
  const total = parts.reduce((sum, part) => sum + Math.max(part.listed, estimateOf(part) ?? mean), 0);
  return Math.max(Math.round(total), counts.listed);
}

/** Of a report, by its bytes. */
function estimatedRows(parts: readonly SyncPart[]): number | undefined {
  const sumOf = (number: (part: SyncPart) => number) => parts.reduce((sum, part) => sum + number(part), 0);
  const all = sumOf(({ bytes }) => bytes?.all ?? 0);
  const read = sumOf(({ bytes, isDone }) => (isDone ? bytes?.all : bytes?.read) ?? 0);
  const listed = sumOf((part) => part.listed);
  return read < all * LEAST_SHARE || read === 0
    ? undefined
    : Math.max(listed, Math.round((listed * all) / read));
}

function estimateOf({ after, until, position, listed, isDone }: SyncPart): number | undefined {
  if (isDone) return listed;
  if (position === undefined || until === undefined) return undefined;
  const share = shareOf(after ?? '', position, until);
  return share < LEAST_SHARE ? undefined : listed / share;
}

/** Where a name lies between two others, from 0 to 1, as if all names were equally likely. */
function shareOf(after: string, position: string, until: string): number {
  let shared = 0;
  while (shared < until.length && after[shared] === until[shared]) shared += 1;
  const [from, at, to] = [after, position, until].map((name) => placeOf(name.slice(shared)));
  if (from === undefined || at === undefined || to === undefined || to <= from) return 0;
  return Math.min(1, Math.max(0, (at - from) / (to - from)));
}

const DIGITS = 4;
const BASE = 256;
const placeOf = (name: string): number => {
  const bytes = Buffer.from(name.slice(0, DIGITS));
  return Array.from({ length: DIGITS }, (_, at) => (bytes[at] ?? 0) / BASE ** (at + 1)).reduce(
    (sum, digit) => sum + digit,
    0,
  );
};

function secondsFor(count: number, { startedAt, counts }: DatasetSync, now: number): number | undefined {
  if (counts.listed === 0 || now <= startedAt) return undefined;
  return Math.ceil(((now - startedAt) / counts.listed) * (count / 1000));
}
