import { z } from 'zod';
import { ENVIRONMENT } from '#contracts/stages';
import { environmentVariable } from '#runtime/config';

/** An hour of tries, should the world be at fault; a run that kills its worker each time must end as well. */
const DEFAULT_MAX_ATTEMPTS = 30;
/** How long (seconds) a worker may be silent before another takes its run over. */
const DEFAULT_LEASE_SECONDS = 45;
/** What is selected from in a part of a function's time: docs/performance.md. */
const DEFAULT_MOST_CANDIDATES = 1_000_000;

export const runConfig = z
  .object({
    [ENVIRONMENT.table]: environmentVariable,
    [ENVIRONMENT.platformBucket]: environmentVariable,
    [ENVIRONMENT.queueUrl.run]: environmentVariable,
    [ENVIRONMENT.queueUrl.shard]: environmentVariable,
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
    RUN_MOST_CANDIDATES: z.coerce
      .number('is not a number')
      .int()
      .positive('is not positive')
      .default(DEFAULT_MOST_CANDIDATES),
  })
  .transform((env) => ({
    table: env[ENVIRONMENT.table],
    platformBucket: env[ENVIRONMENT.platformBucket],
    runQueueUrl: env[ENVIRONMENT.queueUrl.run],
    shardQueueUrl: env[ENVIRONMENT.queueUrl.shard],
    completionQueueUrl: env[ENVIRONMENT.queueUrl.complete],
    leaseSeconds: env.RUN_LEASE_SECONDS,
    maxAttempts: env.RUN_MAX_ATTEMPTS,
    mostCandidates: env.RUN_MOST_CANDIDATES,
  }));
