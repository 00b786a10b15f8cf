import { z } from 'zod';
import { projectionOrder, samplingOrder } from './job-requests.ts';
import { milliseconds, objectId } from './schema.ts';

/** What the API only starts: it goes on in the background, on the job queue. */

const STATES = ['WAITING', 'RUNNING', 'FAILED', 'FINISHED'] as const;

const ofEveryKind = {
  id: objectId,
  datasetId: objectId,
  /** Who asked for it. */
  userId: objectId,
  state: z.enum(STATES),
  /** Why it is FAILED, for people. */
  error: z.string().optional(),
  createdAt: milliseconds,
  lastModifiedAt: milliseconds,
  finishedAt: milliseconds.optional(),
};

/** `request` is what was asked, `result` what came of it where the job is FINISHED. */
export const job = z.discriminatedUnion('kind', [
  z.strictObject({
    ...ofEveryKind,
    kind: z.literal('DELETE_DATASET'),
    request: z.strictObject({}),
    result: z.strictObject({}).optional(),
  }),
  z.strictObject({
    ...ofEveryKind,
    kind: z.literal('SAMPLING'),
    request: samplingOrder,
    result: z.strictObject({ tagId: objectId }).optional(),
  }),
  z.strictObject({
    ...ofEveryKind,
    kind: z.literal('EMBEDDINGS2D'),
    request: projectionOrder,
    result: z.strictObject({ embedding2dId: objectId }).optional(),
  }),
]);
export type Job = z.infer<typeof job>;
export type JobKind = Job['kind'];
export type JobOf<Kind extends JobKind> = Extract<Job, { kind: Kind }>;
export type JobResult<Kind extends JobKind = JobKind> = NonNullable<JobOf<Kind>['result']>;

/** To the job queue: do (or continue) this job. */
export const jobMessage = z.strictObject({ jobId: objectId });
export type JobMessage = z.infer<typeof jobMessage>;
