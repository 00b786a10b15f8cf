import { z } from 'zod';
import { datasetName } from './dataset-name.ts';
import { REJECTION_CODES } from './errors.ts';
import { imageFacts } from './image-facts.ts';
import { nearDuplicateGroup } from './near-duplicates.ts';
import { objectMetadata, thumbnailPlace } from './object-metadata.ts';
import { PROTOCOL_ARTIFACT_TYPES } from './run-files.ts';
import { RUN_STATES } from './run-states.ts';
import { milliseconds, objectId } from './schema.ts';
import { datasetSettings, PRIORITIES } from './settings.ts';

/**
 * What is stored, one schema per kind of item. Resources with a file of their own (users, jobs, workers, datasources,
 * predictions ...) are beside this one. How an item maps to keys of the table is in `table-keys.ts` and
 * `access-keys.ts`; the stores in `layers/aws` are the only code that sees those keys.
 */

/** A place in S3. `prefix` is empty or ends in `/`. */
const bucketPrefix = z.strictObject({ bucket: z.string().min(1), prefix: z.string() });
export type BucketPrefix = z.infer<typeof bucketPrefix>;

export const dataset = z.strictObject({
  id: objectId,
  name: datasetName,
  /** Its owner. */
  userId: objectId,
  type: z.enum(['Images', 'Videos', 'Crops']),
  /** What of the images has been uploaded by a client; absent where they stay in a datasource. */
  imgType: z.enum(['full', 'thumbnail', 'meta']).optional(),
  parentDatasetId: objectId.optional(),
  createdAt: milliseconds,
  lastModifiedAt: milliseconds,
  /** Counts the writes of `settings`; a writer must name the version it read. */
  settingsVersion: z.int().nonnegative(),
  settings: datasetSettings,
  /** Its folder of the landing bucket: images arrive here while no other INPUT is configured. Never written to. */
  landingFolder: bucketPrefix,
  /** Its folder of the platform bucket, with `.lightly/`: thumbnails and whatever else Winnow makes of an image. */
  platformFolder: bucketPrefix,
  /** Samples of the dataset so far, which is the index of the next one. */
  sampleCount: z.int().nonnegative(),
  /** Of the samples' images, as they were when they were added. Near enough: a crash can leave it a few images off. */
  sizeInBytes: z.int().optional(),
  /** Images registered up to here have been read by a run. */
  processedUntil: milliseconds,
  /**
   * Where the facts of all images are that runs registered until `cutoff` have settled: objects of the platform bucket, in
   * the order in which they hold. Without `keys`, as without all of this, the table alone knows.
   */
  factSnapshot: z
    .strictObject({ cutoff: milliseconds, keys: z.array(z.string()).exactOptional() })
    .optional(),
  /** The scheduled run that holds the dataset's lock: one run per dataset at a time. */
  lockedBy: objectId.optional(),
  /** Since when its pipeline is paused: events wait, and no run is scheduled by itself. */
  pausedAt: milliseconds.exactOptional(),
  /** It is being deleted: nobody sees it any more. */
  deletedAt: milliseconds.optional(),
  /** The name that it is about to get; kept until the change is done. */
  pendingName: datasetName.optional(),
  /** Objects in its landing folder that are this old belong to a dataset of that name which was deleted then. */
  landingSince: milliseconds.optional(),
  /** The newest of its metadata configurations. */
  metaDataConfigurationId: objectId.optional(),
});
export type Dataset = z.infer<typeof dataset>;

const rejection = z.strictObject({ code: z.enum(REJECTION_CODES), reason: z.string() });

/** What every state of a raw sample has. */
const rawSampleBase = {
  datasetId: objectId,
  /** The key relative to the landing folder, or to the INPUT datasource that the object is in. */
  fileName: z.string().min(1),
  bucket: z.string().min(1),
  key: z.string().min(1),
  /** Order of the newest event that is reflected here; empty where only a listing has told of the object. */
  sequencer: z.string(),
  eTag: z.string(),
  versionId: z.string().optional(),
  /** Bytes. */
  size: z.int().nonnegative(),
  /** The object's own modification time, in ms. */
  lastModified: milliseconds,
  /** When this state was written, in ms. */
  registeredAt: milliseconds,
  /**
   * When it counts as new for listings of a time range, ms: when it was registered, and of what was there before its
   * datasource was connected the object's own modification time. Absent: the same as `lastModified`.
   */
  newAt: milliseconds.exactOptional(),
  /** No run has read this state yet. */
  pending: z.boolean(),
};

/** What is known of an image that was read. */
const imageBase = {
  ...rawSampleBase,
  facts: imageFacts,
  /** Key of the thumbnail, relative to the platform folder or the LIGHTLY datasource. */
  thumbName: z.string(),
  thumbIn: thumbnailPlace.exactOptional(),
  objectMetadata: objectMetadata.exactOptional(),
  /** What it is nearly the same as, where a run has read it and not chosen it. Of a sample, the sample tells. */
  group: nearDuplicateGroup.optional(),
};

/** An object of a dataset's INPUT, as the newest event left it. Natural key: dataset and file name. */
export const rawSample = z.discriminatedUnion('state', [
  z.strictObject({ ...imageBase, state: z.literal('registered') }),
  /** It was registered, and has moved to an archive since: it is no candidate of a run until it is restored. */
  z.strictObject({ ...imageBase, state: z.literal('archived') }),
  z.strictObject({ ...rawSampleBase, state: z.literal('rejected'), rejection }),
  z.strictObject({ ...rawSampleBase, state: z.literal('deleted') }),
]);
export type RawSample = z.infer<typeof rawSample>;
export type RegisteredRawSample = Extract<RawSample, { state: 'registered' }>;
export type ArchivedRawSample = Extract<RawSample, { state: 'archived' }>;
export type RejectedRawSample = Extract<RawSample, { state: 'rejected' }>;

const SCHEDULED_STATES = ['OPEN', 'LOCKED', 'DONE', 'CANCELED'] as const;
export type ScheduledState = (typeof SCHEDULED_STATES)[number];

export const scheduledRun = z.strictObject({
  id: objectId,
  datasetId: objectId,
  configId: objectId,
  priority: z.enum(PRIORITIES),
  runsOn: z.array(z.string()),
  state: z.enum(SCHEDULED_STATES),
  /** Who scheduled it; of those that the pipeline schedules by itself, the dataset's owner. */
  userId: objectId,
  createdAt: milliseconds,
  lastModifiedAt: milliseconds,
  /** Who locked it; absent where that is the built-in worker. */
  workerId: objectId.optional(),
  /** Set where that worker only plans the run: it hands its plan in, and the built-in worker carries it out. */
  handsInPlan: z.boolean().optional(),
  /** Set when it is locked: the one run that carries it out, however often its message is delivered. */
  runId: objectId.optional(),
  /** Somebody asked to stop it while it was LOCKED; the worker ends it as ABORTED at its next step. */
  cancelRequested: z.boolean().optional(),
});
export type ScheduledRun = z.infer<typeof scheduledRun>;

const runMessageEntry = z.strictObject({
  at: milliseconds,
  state: z.enum(RUN_STATES),
  message: z.string(),
});

export const run = z.strictObject({
  id: objectId,
  /** Who it was scheduled by, or who made it. */
  userId: objectId,
  /** A run of the built-in worker has these three; what another worker made may have been told nothing of them. */
  datasetId: objectId.optional(),
  scheduledId: objectId.optional(),
  configId: objectId.optional(),
  /** Set where another worker than the built-in one carries it out, through the API. */
  isExternal: z.boolean().optional(),
  /** The worker elsewhere that plans it, for the built-in one to carry out. */
  workerId: objectId.optional(),
  /** What the other worker says it is. */
  dockerVersion: z.string().optional(),
  state: z.enum(RUN_STATES),
  createdAt: milliseconds,
  lastModifiedAt: milliseconds,
  /** The worker's last sign of life. */
  heartbeatAt: milliseconds,
  /** Workers that have begun or continued it. */
  attempts: z.int().positive(),
  /** Images registered later than this are for the next run. */
  cutoff: milliseconds,
  messages: z.array(runMessageEntry),
  /** Its log is kept line by line; without it, its messages are all the log there is. */
  hasLog: z.boolean().optional(),
  /** It goes on where it stands when its dataset's datasource can be read again; no worker is at it until then. */
  waitsForDatasource: z.literal(true).exactOptional(),
  /** Key of what the worker elsewhere is to decide from. */
  inputKey: z.string().optional(),
  /** Key of the recorded decisions; once set, a restarted run carries them out instead of deciding anew. */
  planKey: z.string().optional(),
  /** The run's own tag; absent where nothing was selected. */
  tagName: z.string().optional(),
  /** When the completion was fanned out to exports and archive. */
  fannedOutAt: milliseconds.optional(),
  archive: z
    .strictObject({
      bucket: z.string(),
      key: z.string(),
      bytes: z.int(),
      sha256: z.string(),
      files: z.int(),
      archivedAt: milliseconds,
    })
    .optional(),
});
export type Run = z.infer<typeof run>;

/** Those of the protocol, and what only Winnow leaves behind. */
const ARTIFACT_TYPES = [
  ...PROTOCOL_ARTIFACT_TYPES,
  'REPORT_HTML',
  'SELECTION_CSV',
  'EMBEDDINGS_CSV',
] as const;

export const artifact = z.strictObject({
  id: objectId,
  runId: objectId,
  type: z.enum(ARTIFACT_TYPES),
  fileName: z.string(),
  /** In the platform bucket. */
  key: z.string(),
  bytes: z.int(),
  sha256: z.string(),
  createdAt: milliseconds,
});
export type Artifact = z.infer<typeof artifact>;

/** The debounce of a dataset: the images that no scheduled run has been made for yet. */
export const intake = z.strictObject({
  datasetId: objectId,
  /** Id of the scheduled run that this intake leads to: making it twice is impossible. */
  scheduledId: objectId,
  firstArrivalAt: milliseconds,
  lastArrivalAt: milliseconds,
  /** When the one pending check is due. */
  checkAt: milliseconds,
});
export type Intake = z.infer<typeof intake>;
