import type { ObjectId } from '#contracts/schema';
import type { DatasetSync, SyncCounts, SyncMessage } from '#contracts/syncs';

/** What a message is about that has a datasource listed. */
export type ListingMessage = Exclude<SyncMessage, { readonly work: 'release' }>;

/** `later`: another sync is under way, and this one must not be lost. `nothing`: it has been done. */
export type NextSync = Omit<DatasetSync, 'version'> | 'later' | 'nothing';

export interface NextSyncFacts {
  /** See `placeDigestOf`. */
  readonly placeDigest: string;
  /** True where the settings name reports of S3 Inventory. */
  readonly hasInventory: boolean;
  /** For a sync that begins. */
  readonly newId: ObjectId;
  /** ms */
  readonly now: number;
}

/** A sync that failed longer ago (ms) begins anew: what it has listed is old by now. */
const FORGOTTEN_AFTER_MS = 24 * 60 * 60_000;

export const NO_COUNTS: SyncCounts = { listed: 0, requests: 0, missed: 0, changed: 0, gone: 0, skipped: {} };

/** Which sync a message leads to: the one that is stored, to be continued, or a new one. */
export function nextSync(
  message: ListingMessage,
  stored: DatasetSync | undefined,
  facts: NextSyncFacts,
): NextSync {
  const here = stored?.placeDigest === facts.placeDigest ? stored : undefined;
  if (!here) return begin(message, undefined, facts);
  if (message.work === 'replay') {
    if (here.id === message.id) return here.state === 'DONE' ? 'nothing' : continued(here);
    return here.state === 'RUNNING' ? 'later' : begin(message, here, facts);
  }
  if (here.kind === 'replay') return here.state === 'RUNNING' ? 'later' : begin(message, here, facts);
  const isUnderWay =
    here.state === 'RUNNING' ||
    (here.state === 'FAILED' && facts.now - here.lastProgressAt < FORGOTTEN_AFTER_MS);
  // One that was to look everything up can't begin with ranges that another one has passed.
  if (isUnderWay && (message.thorough !== true || here.thorough === true)) return continued(here);
  return begin(message, here, facts);
}

function continued({ version: _, error: __, ...stored }: DatasetSync): NextSync {
  return { ...stored, state: 'RUNNING' };
}

function begin(
  message: ListingMessage,
  here: DatasetSync | undefined,
  { placeDigest, hasInventory, newId, now }: NextSyncFacts,
): NextSync {
  const isReplay = message.work === 'replay';
  // What earlier listings have found holds only since the registry has had everything of this place once.
  const thorough = !isReplay && (message.thorough === true || here?.firstFinishedAt === undefined);
  const wasInventoryRead = here?.source === 'inventory' && here.state !== 'RUNNING';
  const readsInventory =
    !isReplay && hasInventory && here?.firstFinishedAt === undefined && !wasInventoryRead;
  return {
    datasetId: message.datasetId,
    id: isReplay ? message.id : newId,
    kind: message.work,
    scope: isReplay ? message.scope : {},
    placeDigest,
    source: readsInventory ? 'inventory' : 'listing',
    ...(thorough && { thorough }),
    ...{ state: 'RUNNING', startedAt: now, lastProgressAt: now, parts: [], counts: NO_COUNTS },
    firstStartedAt: here?.firstStartedAt ?? now,
    ...(here?.firstFinishedAt !== undefined && { firstFinishedAt: here.firstFinishedAt }),
    ...(here?.last && { last: here.last }),
    ...(here?.thoroughAt !== undefined && { thoroughAt: here.thoroughAt }),
  };
}

/** The message with which a sync goes on: a compare that is under way knows by itself how thorough it is. */
export const messageToGoOn = ({
  datasetId,
  kind,
  id,
  scope,
}: Pick<DatasetSync, 'datasetId' | 'kind' | 'id' | 'scope'>): ListingMessage =>
  kind === 'replay' ? { datasetId, work: 'replay', id, scope } : { datasetId, work: 'compare' };

/** What a sync is when everything is listed. */
export function doneSync(sync: DatasetSync, now: number): DatasetSync {
  const { leaseUntil: _, error: __, ...others } = sync;
  const done: DatasetSync = { ...others, state: 'DONE', finishedAt: now, lastProgressAt: now };
  // A report of an inventory is a day old, and a replay is of a part.
  if (sync.kind === 'replay' || sync.source === 'inventory') return done;
  const { startedAt, counts } = sync;
  return {
    ...done,
    firstFinishedAt: sync.firstFinishedAt ?? now,
    last: { startedAt, finishedAt: now, counts },
    ...(sync.thorough && { thoroughAt: startedAt }),
  };
}
