import { z } from 'zod';
import { modelReference } from './embedding-models.ts';
import { RUN_STATES } from './run-states.ts';
import { objectId } from './schema.ts';

/** What a worker elsewhere, which plans runs for the built-in one to carry out, says to the API and hears from it. */

const attempt = z.int().positive();

/** It takes a scheduled run, or goes on with one that it has taken. */
export const beginPlanningRequest = z.strictObject({
  workerId: objectId,
  scheduledId: objectId,
  workerVersion: z.string().min(1).max(255),
});
export type BeginPlanningRequest = z.infer<typeof beginPlanningRequest>;

export const begunPlanning = z.strictObject({
  runId: objectId,
  datasetId: objectId,
  datasetName: z.string(),
  /** Names this try at the run in all that follows: when another worker takes the run up, it has a larger one. */
  attempt,
  /** Without a sign of life for so long (ms) the run is taken from it. */
  leaseMs: z.int().positive(),
});
export type BegunPlanning = z.infer<typeof begunPlanning>;

/** A sign of life, with where it stands. */
export const planningProgress = z.strictObject({
  attempt,
  state: z.enum(RUN_STATES).optional(),
  message: z.string().max(3_000).optional(),
});
export type PlanningProgress = z.infer<typeof planningProgress>;

export const planningAnswer = z.strictObject({
  /** Somebody asked to cancel the run. */
  cancelRequested: z.boolean(),
});

/** Where its input is; absent while the input is being put together. */
export const planningInput = z.strictObject({ url: z.string().optional() });

export const planUploadRequest = z.strictObject({ attempt });
export const planUpload = z.strictObject({ planId: objectId, signedWriteUrl: z.string() });
export type PlanUpload = z.infer<typeof planUpload>;

/** What was put to the URL is complete. */
export const handInRequest = z.strictObject({ attempt, planId: objectId });
export type HandInRequest = z.infer<typeof handInRequest>;

/** It will not plan the run. */
export const releaseRequest = z.strictObject({ attempt });

/** Why a run can't be planned; handed in in the place of a plan. */
export const stoppedPlan = z.strictObject({
  stopped: z.strictObject({
    runId: objectId,
    endState: z.enum(['FAILED', 'ABORTED']),
    message: z.string(),
  }),
});

/** Whether this is what was handed in, by its first line. */
export const isStoppedPlan = (line: string): boolean => line.startsWith('{"stopped"');

/** Most images that URLs are asked for at a time. */
export const MOST_IMAGE_URLS = 500;
export const imageUrlsRequest = z.strictObject({
  attempt,
  fileNames: z.array(z.string().min(1)).min(1).max(MOST_IMAGE_URLS),
});
/** A URL for each image, in the order of the request; null where the dataset has no such image. */
export const imageUrls = z.strictObject({ urls: z.array(z.string().nullable()) });

export const modelUrlsRequest = z.strictObject({ attempt, name: modelReference });
/** Where a learned embedding model is: its description and its ONNX file. */
export const modelUrls = z.strictObject({ description: z.string(), file: z.string() });
