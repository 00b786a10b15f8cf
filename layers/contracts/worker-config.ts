import { z } from 'zod';
import { datasetName } from './dataset-name.ts';
import { RESERVED_FOLDER } from './s3-keys.ts';
import { milliseconds, objectId } from './schema.ts';
import type { SelectionConfig } from './selection-config.ts';
import { taskName } from './task-name.ts';
import type { TrainingConfig } from './training-config.ts';

const dockerOptions = z.strictObject({
  /** The run fails when a larger share of its input is corrupt. */
  corruptnessCheck: z
    .strictObject({ corruptionThreshold: z.number().min(0).max(1).default(0.1) })
    .prefault({}),
  datasource: z
    .strictObject({
      /** Read every raw sample, not only those that no run has read. */
      processAll: z.boolean().default(false),
      /** false: earlier samples count as chosen, but what is chosen now is not added to the dataset. */
      enableDatapoolUpdate: z.boolean().default(true),
      /** Do not check before that the datasource can be listed, read and written. */
      bypassVerify: z.boolean().default(false),
      /** What to do with images that the bucket's lifecycle deletes within so many days. */
      inputExpiration: z
        .strictObject({
          minDaysToExpiration: z.number().nonnegative(),
          handlingStrategy: z.enum(['SKIP', 'ABORT']),
        })
        .optional(),
    })
    .prefault({}),
  /** Earlier selections count as already chosen, and this one is added to them. */
  useDatapool: z.boolean().default(false),
  /** A CSV file under `.lightly/embeddings/`, whose vectors take the place of the computed ones. */
  embeddings: z.string().min(1).optional(),
  normalizeEmbeddings: z.boolean().default(true),
  /** A list of files under `.lightly/`; images that it does not name are left alone. */
  relevantFilenamesFile: z
    .string()
    .startsWith(RESERVED_FOLDER, `must be below '${RESERVED_FOLDER}' in the LIGHTLY datasource`)
    .optional(),
  /** Images that are chosen together, as runs of consecutive file names. */
  selectedSequenceLength: z.int().min(1).default(1),
  /** Fit a projection of the embeddings to the images of this run first. */
  enableTraining: z.boolean().default(false),
  /** Train on the object crops of a task. */
  training: z.strictObject({ taskName: taskName.optional() }).optional(),
  /** Use the projection that another run has fitted. */
  checkpointRunId: objectId.optional(),
  /** Whether object crops are kept as images of a dataset of their own; for these tasks, or for all. */
  crops: z
    .strictObject({
      enableUpload: z.boolean().default(true),
      enableUploadForTasks: z.array(taskName).optional(),
    })
    .prefault({}),
  uploadReport: z.boolean().default(true),
  /** A worker elsewhere ends after this run. */
  shutdownWhenJobFinished: z.boolean().default(false),
  /** Only before V3: choose images for the diversity of a task's objects. */
  objectLevel: z
    .strictObject({
      taskName: taskName.optional(),
      /** Share of a box's sides that is added at each of its borders. */
      padding: z.number().min(0).max(10).default(0),
      /** Of the dataset that the object crops are kept in. */
      cropDatasetName: datasetName.optional(),
    })
    .optional(),
});

/** The parts of the protocol's `DockerWorkerConfigV4Docker` that this worker acts on, with the protocol's defaults. */
export const dockerConfig = dockerOptions
  .refine(({ enableTraining, checkpointRunId }) => !enableTraining || checkpointRunId === undefined, {
    message: 'give either enableTraining or the run whose projection is to be used',
    path: ['checkpointRunId'],
  })
  .refine(({ enableTraining, embeddings }) => !enableTraining || embeddings === undefined, {
    message:
      'training needs vectors of augmented images, which only an embedding model makes: leave embeddings out',
    path: ['enableTraining'],
  })
  .refine(({ checkpointRunId, embeddings }) => checkpointRunId === undefined || embeddings === undefined, {
    message:
      'a projection fits the vectors of the embedding model that it was fitted to: leave embeddings out',
    path: ['checkpointRunId'],
  });
export type DockerConfig = z.infer<typeof dockerConfig>;

/** Versions of the protocol's worker config; a worker that does not know a version never takes such a run. */
const WORKER_CONFIG_VERSIONS = ['V0', 'V2', 'V3', 'V4'] as const;
export type WorkerConfigVersion = (typeof WORKER_CONFIG_VERSIONS)[number];

/** A worker config as it was given. What a run does by it is `runConfigOf` in `layers/platform/scheduling`. */
export const workerConfig = z.strictObject({
  id: objectId,
  /** Its owner. */
  userId: objectId,
  /** The dataset whose settings it was made of; absent where somebody made it through the API. */
  datasetId: objectId.optional(),
  version: z.enum(WORKER_CONFIG_VERSIONS),
  /** The protocol's `DockerWorkerConfig` of that version, as JSON: it may hold numbers that the table can't. */
  document: z.string(),
  /** What `document` was at first, where it has been changed. */
  originalDocument: z.string().optional(),
  createdAt: milliseconds,
  /** When a run was first scheduled with it; from then on it does not change. */
  usedAt: milliseconds.optional(),
});
export type WorkerConfig = z.infer<typeof workerConfig>;

/** What a run of this worker does. */
export interface RunConfig {
  readonly docker: DockerConfig;
  readonly selection: SelectionConfig;
  /** Present where training is enabled: the config's `lightly` block. */
  readonly training?: TrainingConfig;
  /** JSON paths of what the config asks for and this worker does not do, for the run's log. */
  readonly ignored: readonly string[];
}
