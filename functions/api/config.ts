import { z } from 'zod';
import { ENVIRONMENT } from '#contracts/stages';
import { environmentVariable } from '#runtime/config';

export const apiConfig = z
  .object({
    [ENVIRONMENT.table]: environmentVariable,
    [ENVIRONMENT.landingBucket]: environmentVariable,
    [ENVIRONMENT.platformBucket]: environmentVariable,
    [ENVIRONMENT.tokenSecret]: environmentVariable,
    [ENVIRONMENT.publicKeySecret]: environmentVariable,
    [ENVIRONMENT.queueUrl.run]: environmentVariable,
    [ENVIRONMENT.queueUrl.job]: environmentVariable,
  })
  .transform((env) => ({
    table: env[ENVIRONMENT.table],
    landingBucket: env[ENVIRONMENT.landingBucket],
    platformBucket: env[ENVIRONMENT.platformBucket],
    tokenSecretArn: env[ENVIRONMENT.tokenSecret],
    publicKeySecretArn: env[ENVIRONMENT.publicKeySecret],
    runQueueUrl: env[ENVIRONMENT.queueUrl.run],
    jobQueueUrl: env[ENVIRONMENT.queueUrl.job],
  }));
