import { z } from 'zod';
import { ENVIRONMENT } from '#contracts/stages';
import { environmentVariable } from '#runtime/config';

export const exportConfig = z
  .object({
    [ENVIRONMENT.table]: environmentVariable,
    [ENVIRONMENT.platformBucket]: environmentVariable,
    [ENVIRONMENT.exportsBucket]: environmentVariable,
  })
  .transform((env) => ({
    table: env[ENVIRONMENT.table],
    platformBucket: env[ENVIRONMENT.platformBucket],
    exportsBucket: env[ENVIRONMENT.exportsBucket],
  }));
