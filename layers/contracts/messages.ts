import { z } from 'zod';
import { milliseconds, objectId } from './schema.ts';
import { exportFormat, READ_URL_KINDS, splitSettings } from './settings.ts';

/** To the schedule queue: look whether this dataset is due for a run. */
export const scheduleCheckMessage = z.strictObject({ datasetId: objectId });
export type ScheduleCheckMessage = z.infer<typeof scheduleCheckMessage>;

/** To the run queue: carry out (or continue) this scheduled run. */
export const runMessage = z.strictObject({ datasetId: objectId, scheduledId: objectId });
export type RunMessage = z.infer<typeof runMessage>;

/** To the shard queue: select in one shard of the candidates of this run. */
export const shardMessage = z.strictObject({
  datasetId: objectId,
  runId: objectId,
  /** Names the facts that the run has put there for it. */
  digest: z.string().regex(/^[a-f0-9]{24}$/),
  shard: z.int().nonnegative(),
});
export type ShardMessage = z.infer<typeof shardMessage>;

/** To the completion queue: this run is COMPLETED, fan out. */
export const completionMessage = z.strictObject({
  datasetId: objectId,
  runId: objectId,
  /** Of a run that was fanned out: its exports that were written before (ms) are written anew, and nothing else is done. */
  exportsBefore: milliseconds.exactOptional(),
});
export type CompletionMessage = z.infer<typeof completionMessage>;

/**
 * To the export queue: write one format of this run's tag. What the settings said when the run was fanned out is in
 * the message, so that all formats of a run agree whatever happens to the settings meanwhile.
 */
export const exportMessage = z.strictObject({
  datasetId: objectId,
  runId: objectId,
  format: exportFormat,
  /** All formats of this run; the manifest is written when they are all there. */
  formats: z.array(exportFormat).min(1),
  readUrls: z.enum(READ_URL_KINDS).default('redirect'),
  readUrlExpirySeconds: z.int().positive(),
  split: splitSettings.optional(),
  /** What was written before (ms) is written anew. */
  exportsBefore: milliseconds.exactOptional(),
});
export type ExportMessage = z.infer<typeof exportMessage>;

/** To the archive queue: put this run's artifacts into one verified zip. */
export const archiveMessage = z.strictObject({ datasetId: objectId, runId: objectId });
export type ArchiveMessage = z.infer<typeof archiveMessage>;
