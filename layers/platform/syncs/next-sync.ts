import type { ObjectId } from '#contracts/schema';
import type { DatasetSync, EndedReplay, SyncCounts, SyncMessage } from '#contracts/syncs';

/** What a message is about that has a datasource listed. */
export type ListingMessage = Exclude<SyncMessage, { readonly work: 'release' }>;

/** `nothing`: what the message asks for has been done. */
export type NextSync = Omit<DatasetSync, 'version'> | 'nothing';

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

const DAY_MS = 24 * 60 * 60_000;
/**
 * A sync that has failed for longer (ms) is given up. What a compare has listed is old by then. A replay is still what
 * somebody wants, but nothing is compared before it has ended.
 */
const GIVEN_UP_AFTER_MS = { compare: DAY_MS, replay: 7 * DAY_MS } as const;
/** So many replays that have ended are remembered: a message may come again hours after it was sent. */
const MOST_ENDED = 20;

export const NO_COUNTS: SyncCounts = { listed: 0, requests: 0, missed: 0, changed: 0, gone: 0, skipped: {} };

/**
 * Which sync a message leads to: the one that is stored, to be continued, or a new one. What is not at its end goes on first,
 * whatever it was asked for by; see {@link answers}.
 */
export function nextSync(
  message: ListingMessage,
  stored: DatasetSync | undefined,
  facts: NextSyncFacts,
): NextSync {
  const here = stored?.placeDigest === facts.placeDigest ? stored : undefined;
  if (isDone(message, stored, here)) return 'nothing';
  if (here && isUnfinished(here, facts.now)) {
    if (here.kind === 'replay') return continued(here);
    // One that was to look everything up can't begin with ranges that another one has passed.
    const isThorough = message.work === 'replay' || message.thorough !== true || here.thorough === true;
    if (isThorough && !beginsAnew(message, here)) {
      return continued({ ...here, ...accepting(message, here.firstStartedAt) });
    }
  }
  // The place in which a replay was to read images again was left: those of the new one are all read.
  const isOfPlaceBefore = stored && !here && message.work === 'replay' && stored.id === message.id;
  const { datasetId } = message;
  if (isOfPlaceBefore) return begin({ datasetId, work: 'compare' }, stored, facts);
  return begin(here && beginsAnew(message, here) ? withAskedOf(here, message) : message, stored, facts);
}

type CompareMessage = Extract<ListingMessage, { readonly work: 'compare' }>;

/**
 * True where somebody asks for a compare, and one that has failed has listed nothing: it begins once more, since to go on with
 * it would come to the same and not be what was asked for.
 */
const beginsAnew = (message: ListingMessage, stored: DatasetSync): message is CompareMessage =>
  message.work === 'compare' &&
  message.askedAt !== undefined &&
  stored.state === 'FAILED' &&
  hasPassedNothing(stored) &&
  stored.kind === 'compare' &&
  stored.source === 'listing';

const hasPassedNothing = ({ parts }: Pick<DatasetSync, 'parts'>): boolean => parts.length === 0;

/** What was asked for by others is still to be done. */
const withAskedOf = ({ thorough, acceptRemovals }: DatasetSync, message: CompareMessage): ListingMessage => ({
  ...message,
  ...(thorough && { thorough }),
  ...(acceptRemovals && { acceptRemovals }),
});

/**
 * True where nothing is left to do of what the message asks for, once the sync is complete. Who asks for a compare without
 * saying more wants the datasource to be looked at, and asks again when it is time.
 */
export function answers(sync: DatasetSync, message: ListingMessage, { placeDigest }: NextSyncFacts): boolean {
  if (message.work === 'replay') return sync.id === message.id;
  if (sync.placeDigest !== placeDigest) return false;
  const { thorough, askedAt } = message;
  const { acceptRemovals } = accepting(message, sync.firstStartedAt);
  if (!thorough && !acceptRemovals && askedAt === undefined) return true;
  return (
    sync.kind === 'compare' &&
    (!thorough || sync.thorough === true) &&
    (!acceptRemovals || sync.acceptRemovals === true) &&
    (askedAt === undefined || sync.startedAt >= askedAt)
  );
}

function isDone(
  message: ListingMessage,
  stored: DatasetSync | undefined,
  here: DatasetSync | undefined,
): boolean {
  if (message.work === 'replay') return stored?.endedReplays?.some(({ id }) => id === message.id) === true;
  const { askedAt, thorough } = message;
  return askedAt !== undefined && comparedAt(here, thorough === true) >= askedAt;
}

/** When the last compare of a place began that was complete, ms; -1 where there was none. */
export const comparedAt = (
  sync: Pick<DatasetSync, 'last' | 'thoroughAt'> | undefined,
  thorough: boolean,
): number => (thorough ? sync?.thoroughAt : sync?.last?.startedAt) ?? -1;

function isUnfinished({ state, kind, failingSince, lastProgressAt }: DatasetSync, now: number): boolean {
  if (state !== 'FAILED') return state === 'RUNNING';
  return now - (failingSince ?? lastProgressAt) < GIVEN_UP_AFTER_MS[kind];
}

/** Who accepted removals before the place was listed first has meant another one. @param firstStartedAt of the place, ms */
const accepting = (message: ListingMessage, firstStartedAt: number): Pick<DatasetSync, 'acceptRemovals'> =>
  message.work === 'compare' &&
  message.acceptRemovals &&
  (message.askedAt ?? firstStartedAt) >= firstStartedAt
    ? { acceptRemovals: true }
    : {};

function continued({ version: _, error: __, ...stored }: DatasetSync): NextSync {
  // What was listed before it was refused is listed again.
  return { ...stored, ...(hasPassedNothing(stored) && { counts: NO_COUNTS }), state: 'RUNNING' };
}

function begin(
  message: ListingMessage,
  stored: DatasetSync | undefined,
  { placeDigest, hasInventory, newId, now }: NextSyncFacts,
): NextSync {
  const here = stored?.placeDigest === placeDigest ? stored : undefined;
  const { firstStartedAt = now } = here ?? {};
  const isReplay = message.work === 'replay';
  const id = isReplay ? message.id : newId;
  const isGivenUp = stored?.kind === 'replay' && stored.state !== 'DONE' && stored.id !== id;
  const endedReplays = isGivenUp ? withEnded(stored, 'given-up') : stored?.endedReplays;
  // What earlier listings have found holds only since the registry has had everything of this place once.
  const thorough = !isReplay && (message.thorough === true || here?.firstFinishedAt === undefined);
  const wasInventoryRead = here?.source === 'inventory' && here.state !== 'RUNNING';
  const readsInventory =
    !isReplay && hasInventory && here?.firstFinishedAt === undefined && !wasInventoryRead;
  return {
    datasetId: message.datasetId,
    id,
    kind: message.work,
    scope: isReplay ? message.scope : {},
    placeDigest,
    source: readsInventory ? 'inventory' : 'listing',
    ...(thorough && { thorough }),
    ...accepting(message, firstStartedAt),
    ...(message.work === 'compare' && message.askedAt !== undefined && { askedAt: message.askedAt }),
    ...{ state: 'RUNNING', startedAt: now, lastProgressAt: now, parts: [], counts: NO_COUNTS },
    firstStartedAt,
    ...(here?.firstFinishedAt !== undefined && { firstFinishedAt: here.firstFinishedAt }),
    ...(here?.last && { last: here.last }),
    ...(here?.thoroughAt !== undefined && { thoroughAt: here.thoroughAt }),
    ...(endedReplays && { endedReplays }),
    ...(hasInventory && here?.reportProblem !== undefined && { reportProblem: here.reportProblem }),
  };
}

const withEnded = (
  { id, endedReplays = [] }: DatasetSync,
  outcome: EndedReplay['outcome'],
): readonly EndedReplay[] => [...endedReplays, { id, outcome }].slice(-MOST_ENDED);

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
  const { leaseUntil: _, error: __, failingSince: ___, ...others } = sync;
  const done: DatasetSync = { ...others, state: 'DONE', finishedAt: now, lastProgressAt: now };
  if (sync.kind === 'replay') return { ...done, endedReplays: withEnded(sync, 'done') };
  // A report of an inventory is a day old.
  if (sync.source === 'inventory') return done;
  const { startedAt, counts } = sync;
  return {
    ...done,
    firstFinishedAt: sync.firstFinishedAt ?? now,
    last: { startedAt, finishedAt: now, counts },
    ...(sync.thorough && { thoroughAt: startedAt }),
  };
}

/** What a sync is that its datasource refuses. @param hasListed whether it has come further since it was continued */
export function failedSync(
  sync: DatasetSync,
  { error, hasListed }: { readonly error: string; readonly hasListed: boolean },
): DatasetSync {
  const { leaseUntil: _, ...others } = sync;
  const { failingSince = sync.lastProgressAt } = hasListed ? {} : sync;
  return { ...others, state: 'FAILED', error, failingSince };
}
