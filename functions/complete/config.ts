import { z } from 'zod';
import { ENVIRONMENT } from '#contracts/stages';
import { environmentVariable } from '#runtime/config';

export const completeConfig = z
  .object({
    [ENVIRONMENT.table]: environmentVariable,
    [ENVIRONMENT.queueUrl.export]: environmentVariable,
    [ENVIRONMENT.queueUrl.archive]: environmentVariable,
  })
  .transform((env) => ({
    table: env[ENVIRONMENT.table],
    exportQueueUrl: env[ENVIRONMENT.queueUrl.export],
    archiveQueueUrl: env[ENVIRONMENT.queueUrl.archive],
  }));
