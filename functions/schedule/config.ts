import { z } from 'zod';
import { ENVIRONMENT } from '#contracts/stages';
import { environmentVariable } from '#runtime/config';

export const scheduleConfig = z
  .object({
    [ENVIRONMENT.table]: environmentVariable,
    [ENVIRONMENT.queueUrl.schedule]: environmentVariable,
    [ENVIRONMENT.queueUrl.run]: environmentVariable,
  })
  .transform((env) => ({
    table: env[ENVIRONMENT.table],
    scheduleQueueUrl: env[ENVIRONMENT.queueUrl.schedule],
    runQueueUrl: env[ENVIRONMENT.queueUrl.run],
  }));
