import { z } from 'zod';
import { ENVIRONMENT } from '#contracts/stages';
import { environmentVariable } from '#runtime/config';

export const jobConfig = z
  .object({
    [ENVIRONMENT.table]: environmentVariable,
    [ENVIRONMENT.platformBucket]: environmentVariable,
    [ENVIRONMENT.queueUrl.job]: environmentVariable,
  })
  .transform((env) => ({
    table: env[ENVIRONMENT.table],
    platformBucket: env[ENVIRONMENT.platformBucket],
    jobQueueUrl: env[ENVIRONMENT.queueUrl.job],
  }));
