import { z } from 'zod';
import { ENVIRONMENT } from '#contracts/stages';
import { environmentVariable } from '#runtime/config';

export const syncConfig = z
  .object({
    [ENVIRONMENT.table]: environmentVariable,
    [ENVIRONMENT.platformBucket]: environmentVariable,
    [ENVIRONMENT.queueUrl.ingest]: environmentVariable,
    [ENVIRONMENT.queueUrl.sync]: environmentVariable,
  })
  .transform((env) => ({
    table: env[ENVIRONMENT.table],
    platformBucket: env[ENVIRONMENT.platformBucket],
    ingestQueueUrl: env[ENVIRONMENT.queueUrl.ingest],
    syncQueueUrl: env[ENVIRONMENT.queueUrl.sync],
  }));
