import { z } from 'zod';
import { ENVIRONMENT } from '#contracts/stages';
import { environmentVariable } from '#runtime/config';

export const apiConfig = z
  .object({ [ENVIRONMENT.table]: environmentVariable })
  .transform((env) => ({ table: env[ENVIRONMENT.table] }));
