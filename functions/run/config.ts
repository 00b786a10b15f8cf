import { z } from 'zod';
import { ENVIRONMENT } from '#contracts/stages';
import { environmentVariable } from '#runtime/config';

/** How long (seconds) a worker may be silent before another takes its run over. */
const DEFAULT_LEASE_SECONDS = 45;

export const runConfig = z
  .object({
    [ENVIRONMENT.table]: environmentVariable,
    [ENVIRONMENT.platformBucket]: environmentVariable,
    [ENVIRONMENT.queueUrl.run]: environmentVariable,
    [ENVIRONMENT.queueUrl.complete]: environmentVariable,
    RUN_LEASE_SECONDS: z.coerce
      .number('is not a number')
      .positive('is not positive')
      .default(DEFAULT_LEASE_SECONDS),
  })
  .transform((env) => ({
    table: env[ENVIRONMENT.table],
    platformBucket: env[ENVIRONMENT.platformBucket],
    runQueueUrl: env[ENVIRONMENT.queueUrl.run],
    completionQueueUrl: env[ENVIRONMENT.queueUrl.complete],
    leaseSeconds: env.RUN_LEASE_SECONDS,
  }));
