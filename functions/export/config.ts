import { z } from 'zod';
import { ENVIRONMENT } from '#contracts/stages';
import { environmentVariable } from '#runtime/config';

export const exportConfig = z
  .object({
    [ENVIRONMENT.table]: environmentVariable,
    [ENVIRONMENT.platformBucket]: environmentVariable,
    [ENVIRONMENT.exportsBucket]: environmentVariable,
    [ENVIRONMENT.publicKeySecret]: environmentVariable,
    [ENVIRONMENT.apiUrl]: environmentVariable,
  })
  .transform((env) => ({
    table: env[ENVIRONMENT.table],
    platformBucket: env[ENVIRONMENT.platformBucket],
    exportsBucket: env[ENVIRONMENT.exportsBucket],
    publicKeySecretArn: env[ENVIRONMENT.publicKeySecret],
    // CloudFormation gives it with a slash.
    apiUrl: env[ENVIRONMENT.apiUrl].replace(/\/+$/, ''),
  }));
