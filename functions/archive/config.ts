import { z } from 'zod';
import { ENVIRONMENT } from '#contracts/stages';
import { environmentVariable } from '#runtime/config';

export const archiveConfig = z
  .object({
    [ENVIRONMENT.table]: environmentVariable,
    [ENVIRONMENT.platformBucket]: environmentVariable,
    [ENVIRONMENT.archiveBucket]: environmentVariable,
  })
  .transform((env) => ({
    table: env[ENVIRONMENT.table],
    platformBucket: env[ENVIRONMENT.platformBucket],
    archiveBucket: env[ENVIRONMENT.archiveBucket],
  }));
