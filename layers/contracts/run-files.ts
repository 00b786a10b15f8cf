import { z } from 'zod';
import type { DockerRunLogEntryData } from './protocol/types.gen.ts';
import { milliseconds, objectId } from './schema.ts';

/** What other workers than the built-in one leave behind, through the API. */

/** Types of artifacts in the protocol's words. */
export const PROTOCOL_ARTIFACT_TYPES = [
  'LOG',
  'MEMLOG',
  'CHECKPOINT',
  'REPORT_PDF',
  'REPORT_JSON',
  'REPORT_V2_JSON',
  'CORRUPTNESS_CHECK_INFORMATION',
  'SEQUENCE_INFORMATION',
  'RELEVANT_FILENAMES',
] as const;
export type ProtocolArtifactType = (typeof PROTOCOL_ARTIFACT_TYPES)[number];

/** A file that a worker uploads with a signed URL. Natural key: run and file name. */
export const upload = z.strictObject({
  id: objectId,
  runId: objectId,
  type: z.enum(PROTOCOL_ARTIFACT_TYPES),
  fileName: z.string().min(1),
  /** In the platform bucket. */
  key: z.string(),
  createdAt: milliseconds,
  /** When its worker said that it is there; until then nobody can read it. */
  confirmedAt: milliseconds.optional(),
});
export type Upload = z.infer<typeof upload>;

/** A line of a run's log, as the protocol has it. */
export type LogLine = DockerRunLogEntryData;

/** Lines that were sent together, or a part of them. */
export const logChunk = z.strictObject({
  /** Number of lines before it. */
  firstLine: z.int().nonnegative(),
  count: z.int().positive(),
  /** JSON of the lines. */
  lines: z.string(),
  /** SHA-256 of `lines`: lines that are sent again, because the answer was lost, are not written again. */
  digest: z.string(),
});
export type LogChunk = z.infer<typeof logChunk>;
