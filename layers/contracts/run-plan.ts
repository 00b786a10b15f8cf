import { z } from 'zod';
import { datasetName } from './dataset-name.ts';
import { nearDuplicateGroup } from './near-duplicates.ts';
import { thumbnailPlace } from './object-metadata.ts';
import { plannedCrop } from './planned-crop.ts';
import { runAnalysis } from './report-v2.ts';
import { RUN_STATES } from './run-states.ts';
import { sample } from './samples.ts';
import { milliseconds, objectId } from './schema.ts';

/**
 * What a run decided, as it is kept in the platform bucket: gzipped JSON lines, the header first, then one line per
 * candidate in the order of file names. Once the run item names a plan, every restart carries it out as it stands.
 */
export const RUN_OUTCOMES = [
  'selected',
  'not-selected',
  /** The same bytes as another image that was kept. */
  'duplicate',
  /** Nearly the same as another image that was kept; only where one per group is to be kept. */
  'near-duplicate',
  'corrupt',
  /** Sound, for all we know, but of a kind or size that the dataset does not take. */
  'unsupported',
  /** The file of a sample was uploaded again: its facts are replaced. */
  'refreshed',
] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];

const NO_OUTCOMES = Object.fromEntries(RUN_OUTCOMES.map((outcome) => [outcome, 0])) as Record<
  RunOutcome,
  number
>;

export const runDecision = z.strictObject({
  fileName: z.string().min(1),
  /** Names the state of the raw sample that was read; a newer one is for the next run. */
  registeredAt: milliseconds,
  outcome: z.enum(RUN_OUTCOMES),
  /** One sentence for people. */
  reason: z.string(),
  /** Where it is a duplicate: the image that stands for it. */
  keptAs: z.string().min(1).optional(),
  /** Where it was selected: 0 for the first. */
  step: z.int().nonnegative().optional(),
  distance: z.number().optional(),
  /** The images that it is nearly the same as, where there are any. */
  group: nearDuplicateGroup.optional(),
  /** Where it was selected or refreshed: the sample to write, at its index. */
  sample: sample.optional(),
  /** What is to be cut out of it, where it was selected. */
  crops: z.array(plannedCrop).optional(),
});
export type RunDecision = z.infer<typeof runDecision>;

/** A sample of an earlier run that has got its first group of near-duplicates. */
const regroupedSample = z.strictObject({ index: z.int().nonnegative(), group: nearDuplicateGroup });
export type RegroupedSample = z.infer<typeof regroupedSample>;

/** An image that an earlier run has read and not chosen, and that has got its first group of near-duplicates. */
const regroupedImage = z.strictObject({
  fileName: z.string().min(1),
  /** Names the state that is meant; a newer one is another image. */
  registeredAt: milliseconds,
  group: nearDuplicateGroup,
});
export type RegroupedImage = z.infer<typeof regroupedImage>;

const memoryReading = z.strictObject({
  at: milliseconds,
  state: z.enum(RUN_STATES),
  /** Bytes of the whole process. */
  resident: z.int().nonnegative(),
  /** Bytes of objects and arrays. */
  heap: z.int().nonnegative(),
});
export type MemoryReading = z.infer<typeof memoryReading>;

export const runPlanHeader = z.strictObject({
  version: z.literal(1),
  runId: objectId,
  datasetId: objectId,
  datasetName: z.string(),
  decidedAt: milliseconds,
  workerVersion: z.string(),
  /** Index of the first sample that this run adds. */
  firstIndex: z.int().nonnegative(),
  /** Images registered up to here have been read. */
  processedUntil: milliseconds,
  counts: z
    .partialRecord(z.enum(RUN_OUTCOMES), z.int().nonnegative())
    // A plan of a version before has no count of the outcomes that it did not know.
    .transform((counts) => ({ ...NO_OUTCOMES, ...counts })),
  memory: z.array(memoryReading),
  /** Set where the dataset stays as it is: what was chosen is told, and nothing of it is written. */
  leavesDatapool: z.literal(true).optional(),
  /** Samples that the dataset had before. */
  preselected: z.int().nonnegative(),
  analysis: runAnalysis,
  /** Samples that are no candidates, and of which only the group is written. */
  regrouped: z.array(regroupedSample).default([]),
  /** Images that are neither samples nor candidates, and of which only the group is written. */
  regroupedImages: z.array(regroupedImage).default([]),
  /** Images of a sequence, where sequences were chosen. */
  sequenceLength: z.int().min(2).optional(),
  /** Whether reports are written. */
  uploadReport: z.boolean().default(true),
  /** What was asked for, in sentences. */
  configuration: z.array(z.string()).default([]),
  /** Of the images that the reports show; relative to the platform folder or the LIGHTLY datasource. */
  thumbnails: z
    .array(
      z.strictObject({
        fileName: z.string(),
        thumbName: z.string(),
        thumbIn: thumbnailPlace.exactOptional(),
      }),
    )
    .default([]),
  /** Where it is to keep object crops of a task, if not in the dataset that is called after it. */
  cropDatasetNames: z.record(z.string(), datasetName).optional(),
  /** The text of the checkpoint that it leaves behind, where it has trained. */
  checkpoint: z.string().optional(),
});
export type RunPlanHeader = z.infer<typeof runPlanHeader>;
