import { z } from 'zod';

/*
 * The parts of the protocol's `DockerWorkerConfigV3Lightly` that training acts on, with the protocol's defaults. The
 * rest of that block configures networks that are not trained here, and is dropped.
 */

const probability = z.number().min(0).max(1);
/** How far a colour property may change, as a share. */
const share = z.number().min(0).max(1);

const LARGEST_BATCH = 1_024;
const LARGEST_OUTPUT = 1_024;
const LARGEST_VIEW = 256;

export const trainingConfig = z.object({
  seed: z.int().default(1),
  model: z
    .object({
      /** Values of a projected embedding. */
      numFtrs: z.int().min(1).max(LARGEST_OUTPUT).default(32),
    })
    .prefault({}),
  loader: z
    .object({
      /** Images of a step; more than there are count as all of them. */
      batchSize: z.int().min(2).max(LARGEST_BATCH).default(16),
    })
    .prefault({}),
  trainer: z.object({ maxEpochs: z.int().min(0).default(100) }).prefault({}),
  criterion: z.object({ temperature: z.number().min(0.01).default(0.5) }).prefault({}),
  optimizer: z
    .object({
      lr: z.number().positive().max(10).default(1),
      weightDecay: z.number().min(0).max(1).default(1e-5),
    })
    .prefault({}),
  collate: z
    .object({
      /** Pixels a side of an augmented view. */
      inputSize: z.int().min(32).max(LARGEST_VIEW).default(64),
      cjProb: probability.default(0.8),
      cjBright: share.default(0.7),
      cjContrast: share.default(0.7),
      cjSat: share.default(0.7),
      /** In turns of the colour circle. */
      cjHue: z.number().min(0).max(0.5).default(0.2),
      /** Smallest share of an image's area that a view shows. */
      minScale: z.number().min(0.01).max(1).default(0.15),
      randomGrayScale: probability.default(0.2),
      gaussianBlur: probability.default(0.5),
      /** Of the blur, in pixels of the view: from, to. */
      sigmas: z.tuple([z.number().min(0.1).max(5), z.number().min(0.1).max(5)]).default([0.2, 2]),
      /** Probability of turning upside down, and of mirroring. */
      vfProb: probability.default(0),
      hfProb: probability.default(0.5),
    })
    .prefault({}),
});
export type TrainingConfig = z.infer<typeof trainingConfig>;
