import { z } from 'zod';
import { DATASOURCE_PROBLEM_CODES, DATASOURCE_PROBLEM_SCOPES } from './errors.ts';
import { milliseconds, objectId } from './schema.ts';

/** What Winnow has found out about a dataset's datasources by using them. */

export const datasourceProblem = z.strictObject({
  use: z.enum(['INPUT', 'LIGHTLY']),
  code: z.enum(DATASOURCE_PROBLEM_CODES),
  scope: z.enum(DATASOURCE_PROBLEM_SCOPES),
  /** As IAM has it: `s3:GetObject`. */
  action: z.string(),
  /** ARN or URL of what was asked. */
  resource: z.string(),
  /** What is wrong and what to do, for people. No secrets, and nothing that the service said. */
  reason: z.string(),
  /** The file that was asked for, where it was one: what is tried again. */
  fileName: z.string().exactOptional(),
  /** A policy denies it explicitly: nothing that others allow helps. */
  isForbidden: z.literal(true).exactOptional(),
  /** Other files can be read, and in LIGHTLY written: a verification has seen one. */
  isOfSomeFiles: z.literal(true).exactOptional(),
  /** When it was seen first and last. */
  since: milliseconds,
  seenAt: milliseconds,
});
export type DatasourceProblem = z.infer<typeof datasourceProblem>;

/** As it is found: when it was seen first, its state tells. */
export const foundProblem = datasourceProblem.omit({ since: true });
export type FoundProblem = z.infer<typeof foundProblem>;

/** What was tried and worked; `errors` has, for what did not, what was refused and what to do. */
const PERMISSIONS = ['canList', 'canRead', 'canWrite', 'canOverwrite'] as const;
export const datasourceVerification = z.strictObject({
  canList: z.boolean(),
  canRead: z.boolean(),
  canWrite: z.boolean(),
  canOverwrite: z.boolean(),
  errors: z.partialRecord(z.enum(PERMISSIONS), z.string()).exactOptional(),
});
export type DatasourceVerification = Readonly<z.infer<typeof datasourceVerification>>;
export type DatasourcePermission = (typeof PERMISSIONS)[number];

export const datasourceState = z.strictObject({
  datasetId: objectId,
  /** Of the datasources that the verification and the problem are of; absent while neither is known. */
  version: z.int().nonnegative().exactOptional(),
  lastVerified: z.strictObject({ at: milliseconds, ...datasourceVerification.shape }).exactOptional(),
  /** What does not work now; absent while everything does. */
  problem: datasourceProblem.exactOptional(),
  /** When the last event of the bucket came; absent where none ever has. Minutes old at most. */
  lastEventAt: milliseconds.exactOptional(),
  /** When an event was held, minutes old at most. Absent where none is held. */
  heldAt: milliseconds.exactOptional(),
  /** Until then (ms) somebody sends the events that were held, or has asked that it goes on. */
  releasingUntil: milliseconds.exactOptional(),
});
export type DatasourceState = z.infer<typeof datasourceState>;
