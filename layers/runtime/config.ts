import { type ZodType, z } from 'zod';
import { WinnowError } from '#contracts/errors';

/** The function was deployed with an environment that it can't work with. */
export class ConfigurationError extends WinnowError {
  constructor(message: string, options?: ErrorOptions) {
    super('CONFIGURATION', message, options);
  }
}

/** A variable that must be there and not be empty. */
export const environmentVariable = z.string({ error: 'is not set' }).min(1, 'is empty');

/**
 * The environment as `schema` reads it. Called while a function initialises, so that a wrong deployment fails
 * before the first message is taken.
 *
 * @param schema an object schema whose keys are names of variables; a transform may rename them
 * @throws ConfigurationError naming every variable that is missing or wrong; never its value
 */
export function readConfig<T>(
  schema: ZodType<T>,
  env: Readonly<Record<string, string | undefined>> = process.env,
): T {
  const result = schema.safeParse(env);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`);
  throw new ConfigurationError(`The environment is not complete: ${problems.join('; ')}.`);
}
