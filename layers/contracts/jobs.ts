import { z } from 'zod';
import { milliseconds, objectId } from './schema.ts';

/** What the API only starts: it goes on in the background, on the job queue. */
export const JOB_KINDS = ['DELETE_DATASET', 'SAMPLING', 'EMBEDDINGS2D'] as const;
export type JobKind = (typeof JOB_KINDS)[number];

export const JOB_STATES = ['WAITING', 'RUNNING', 'FAILED', 'FINISHED'] as const;

export const job = z.strictObject({
  id: objectId,
  kind: z.enum(JOB_KINDS),
  datasetId: objectId,
  /** Who asked for it. */
  userId: objectId,
  state: z.enum(JOB_STATES),
  /** What was asked, as the kind needs it. */
  request: z.record(z.string(), z.unknown()),
  /** What came of it, where it is FINISHED: the id of the new tag, for example. */
  result: z.record(z.string(), z.unknown()).optional(),
  /** Why it is FAILED, for people. */
  error: z.string().optional(),
  createdAt: milliseconds,
  lastModifiedAt: milliseconds,
  finishedAt: milliseconds.optional(),
});
export type Job = z.infer<typeof job>;

/** To the job queue: do (or continue) this job. */
export const jobMessage = z.strictObject({ jobId: objectId });
export type JobMessage = z.infer<typeof jobMessage>;
