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
    [ENVIRONMENT.queueUrl.sync]: environmentVariable,
    [ENVIRONMENT.accountId]: environmentVariable,
    [ENVIRONMENT.eventBusArn]: environmentVariable,
    [ENVIRONMENT.ingestQueueArn]: environmentVariable,
  })
  .transform((env) => ({
    table: env[ENVIRONMENT.table],
    landingBucket: env[ENVIRONMENT.landingBucket],
    platformBucket: env[ENVIRONMENT.platformBucket],
    tokenSecretArn: env[ENVIRONMENT.tokenSecret],
    publicKeySecretArn: env[ENVIRONMENT.publicKeySecret],
    runQueueUrl: env[ENVIRONMENT.queueUrl.run],
    jobQueueUrl: env[ENVIRONMENT.queueUrl.job],
    syncQueueUrl: env[ENVIRONMENT.queueUrl.sync],
    deployment: {
      accountId: env[ENVIRONMENT.accountId],
      eventBusArn: env[ENVIRONMENT.eventBusArn],
      ingestQueueArn: env[ENVIRONMENT.ingestQueueArn],
    },
  }));
