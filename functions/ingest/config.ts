import { z } from 'zod';
import { ENVIRONMENT } from '#contracts/stages';
import { environmentVariable } from '#runtime/config';

export const ingestConfig = z
  .object({
    [ENVIRONMENT.table]: environmentVariable,
    [ENVIRONMENT.landingBucket]: environmentVariable,
    [ENVIRONMENT.platformBucket]: environmentVariable,
    [ENVIRONMENT.queueUrl.schedule]: environmentVariable,
    [ENVIRONMENT.queueUrl.ingest]: environmentVariable,
  })
  .transform((env) => ({
    table: env[ENVIRONMENT.table],
    buckets: { landing: env[ENVIRONMENT.landingBucket], platform: env[ENVIRONMENT.platformBucket] },
    queueUrls: {
      schedule: env[ENVIRONMENT.queueUrl.schedule],
      ingest: env[ENVIRONMENT.queueUrl.ingest],
    },
  }));
