import { z } from 'zod';
import { milliseconds, objectId } from './schema.ts';
import { selectionConfig } from './selection-config.ts';

/** The parts of the protocol's `DockerWorkerConfigV4Docker` that this worker acts on, with the protocol's defaults. */
export const dockerConfig = z.strictObject({
  /** The run fails when a larger share of its input is corrupt. */
  corruptnessCheck: z
    .strictObject({ corruptionThreshold: z.number().min(0).max(1).default(0.1) })
    .prefault({}),
  datasource: z
    .strictObject({
      /** Read every raw sample, not only those that no run has read. */
      processAll: z.boolean().default(false),
    })
    .prefault({}),
  /** Earlier selections count as already chosen, and this one is added to them. */
  useDatapool: z.boolean().default(false),
});

export const workerConfig = z.strictObject({
  id: objectId,
  datasetId: objectId,
  createdAt: milliseconds,
  docker: dockerConfig.prefault({}),
  selection: selectionConfig,
});
export type WorkerConfig = z.infer<typeof workerConfig>;
