import { z } from 'zod';
import { milliseconds, objectId } from './schema.ts';

/**
 * A sync lists a datasource, or what of it somebody asks for, and has ingest look at what the registry does not know as
 * it is. One item for each dataset: the sync that is under way, or the last one.
 */

/** `compare`: what differs from the registry. `replay`: everything in scope, once more. */
export const SYNC_KINDS = ['compare', 'replay'] as const;

/** Which objects a replay is about. */
const replayScope = z.strictObject({
  /** Beginning of their names, relative to the datasource. */
  prefix: z.string().max(1_024).exactOptional(),
  /** Last modification, both inclusive. */
  from: milliseconds.exactOptional(),
  to: milliseconds.exactOptional(),
});
export type ReplayScope = z.infer<typeof replayScope>;

/** A range of names that is listed by itself, or a file of the report of an inventory. */
const syncPart = z.strictObject({
  after: z.string().exactOptional(),
  until: z.string().exactOptional(),
  /** Everything up to here is done: the last name, or the number of rows. */
  position: z.string().exactOptional(),
  /** Objects listed so far. */
  listed: z.int().nonnegative(),
  /** Of a file of a report, and how many of them are read. */
  bytes: z.strictObject({ all: z.int().nonnegative(), read: z.int().nonnegative() }).exactOptional(),
  isDone: z.boolean(),
});
export type SyncPart = z.infer<typeof syncPart>;

const count = z.int().nonnegative();
/** What the registry has of objects, but for those that are deleted. */
export const registryCounts = z.strictObject({
  /** Images that can be chosen. */
  registered: count,
  /** Images that were read and have moved to an archive since. */
  archived: count,
  /** By code. */
  rejected: z.record(z.string(), count),
});
export type RegistryCounts = z.infer<typeof registryCounts>;

export const syncCounts = z.strictObject({
  listed: count,
  /** Listing requests. */
  requests: count,
  /** What ingest was asked to look at, because the registry ... */
  /** ... does not know it. */
  missed: count,
  /** Of these, what a listing shows to be in an archive: it can't be read. */
  missedInArchive: count.exactOptional(),
  /** ... knows another object of that name. */
  changed: count,
  /** ... has it and the datasource has not. */
  gone: count,
  /** What filters and rules leave out, by reason. */
  skipped: z.record(z.string(), count),
  /** Of a compare of a listing: what the registry had of the names that were compared, before ingest looked at anything. */
  registry: registryCounts.exactOptional(),
});
export type SyncCounts = z.infer<typeof syncCounts>;

/** `given-up`: its datasource had refused it for too long, or became another place. */
const endedReplay = z.strictObject({ id: objectId, outcome: z.enum(['done', 'given-up']) });
export type EndedReplay = z.infer<typeof endedReplay>;

export const datasetSync = z.strictObject({
  datasetId: objectId,
  /** Counts the writes; a writer must name the version it read. */
  version: z.int().positive(),
  /** Of this sync. */
  id: objectId,
  kind: z.enum(SYNC_KINDS),
  scope: replayScope,
  /** Names the place that is listed: where it has become another one, a sync begins anew. */
  placeDigest: z.string(),
  source: z.enum(['listing', 'inventory']),
  /** The report of the inventory that is read: the name of its manifest. */
  report: z.string().exactOptional(),
  /** Why the first compare of this place listed it, and read no report of the inventory. For people. */
  reportProblem: z.string().exactOptional(),
  /** It looks everything up, whatever earlier listings have found. */
  thorough: z.boolean().exactOptional(),
  /** What is missing counts as gone even where nothing at all is listed. */
  acceptRemovals: z.boolean().exactOptional(),
  /** Somebody has asked for it (ms), and waits for no event. */
  askedAt: milliseconds.exactOptional(),
  state: z.enum(['RUNNING', 'DONE', 'FAILED']),
  /** Why it is FAILED, for people. */
  error: z.string().exactOptional(),
  /** Since when (ms) it has failed each time that it was continued, without listing anything. */
  failingSince: milliseconds.exactOptional(),
  startedAt: milliseconds,
  lastProgressAt: milliseconds,
  finishedAt: milliseconds.exactOptional(),
  /** Until then (ms) nobody else works on it. */
  leaseUntil: milliseconds.exactOptional(),
  parts: z.array(syncPart),
  counts: syncCounts,
  /** When the first compare of this place began; where there was none yet, when a replay of it did. */
  firstStartedAt: milliseconds,
  /** When the first compare of this place was complete. */
  firstFinishedAt: milliseconds.exactOptional(),
  /** The last compare that was complete. */
  last: z
    .strictObject({ startedAt: milliseconds, finishedAt: milliseconds, counts: syncCounts })
    .exactOptional(),
  /** When the last compare that looked everything up, and was complete, began. */
  thoroughAt: milliseconds.exactOptional(),
  /** The last replays that have ended, of whatever place. */
  endedReplays: z.array(endedReplay).readonly().exactOptional(),
});
export type DatasetSync = z.infer<typeof datasetSync>;

/** To the sync queue. */
export const syncMessage = z.discriminatedUnion('work', [
  /**
   * Begin or continue a compare.
   * @param thorough as if nothing was known of earlier listings
   * @param acceptRemovals even where nothing at all is listed
   * @param askedAt ms: one that begins at that time or later. Without it, the one that is under way will do
   */
  z.strictObject({
    ...{ datasetId: objectId, work: z.literal('compare') },
    ...{ thorough: z.boolean().exactOptional(), acceptRemovals: z.boolean().exactOptional() },
    askedAt: milliseconds.exactOptional(),
  }),
  z.strictObject({ datasetId: objectId, work: z.literal('replay'), id: objectId, scope: replayScope }),
  /**
   * Send the events that were held to ingest.
   * @param releasingUntil what the sender has claimed, to go on with it
   * @param heldUntil ms: those that were held since then are left out. Ingest may have held again what was sent
   */
  z.strictObject({
    ...{ datasetId: objectId, work: z.literal('release') },
    releasingUntil: milliseconds.exactOptional(),
    heldUntil: milliseconds.exactOptional(),
  }),
]);
export type SyncMessage = z.infer<typeof syncMessage>;
