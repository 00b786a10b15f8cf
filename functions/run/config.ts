import { z } from 'zod';
import { ENVIRONMENT } from '#contracts/stages';
import { environmentVariable } from '#runtime/config';

/** An hour of tries, should the world be at fault; a run that kills its worker each time must end as well. */
const DEFAULT_MAX_ATTEMPTS = 30;
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
    RUN_MAX_ATTEMPTS: z.coerce
      .number('is not a number')
      .int()
      .positive('is not positive')
      .default(DEFAULT_MAX_ATTEMPTS),
  })
  .transform((env) => ({
    table: env[ENVIRONMENT.table],
    platformBucket: env[ENVIRONMENT.platformBucket],
    runQueueUrl: env[ENVIRONMENT.queueUrl.run],
    completionQueueUrl: env[ENVIRONMENT.queueUrl.complete],
    leaseSeconds: env.RUN_LEASE_SECONDS,
    maxAttempts: env.RUN_MAX_ATTEMPTS,
  }));
