import { z } from 'zod';
import { ENVIRONMENT } from '#contracts/stages';
import { environmentVariable } from '#runtime/config';

export const reconcileConfig = z
  .object({
    [ENVIRONMENT.table]: environmentVariable,
    [ENVIRONMENT.landingBucket]: environmentVariable,
    [ENVIRONMENT.platformBucket]: environmentVariable,
    [ENVIRONMENT.queueUrl.ingest]: environmentVariable,
    [ENVIRONMENT.queueUrl.sync]: environmentVariable,
    [ENVIRONMENT.queueUrl.schedule]: environmentVariable,
    [ENVIRONMENT.queueUrl.run]: environmentVariable,
    [ENVIRONMENT.queueUrl.complete]: environmentVariable,
    [ENVIRONMENT.queueUrl.job]: environmentVariable,
  })
  .transform((env) => ({
    table: env[ENVIRONMENT.table],
    landingBucket: env[ENVIRONMENT.landingBucket],
    platformBucket: env[ENVIRONMENT.platformBucket],
    queueUrls: {
      ingest: env[ENVIRONMENT.queueUrl.ingest],
      sync: env[ENVIRONMENT.queueUrl.sync],
      schedule: env[ENVIRONMENT.queueUrl.schedule],
      run: env[ENVIRONMENT.queueUrl.run],
      complete: env[ENVIRONMENT.queueUrl.complete],
      job: env[ENVIRONMENT.queueUrl.job],
    },
  }));
