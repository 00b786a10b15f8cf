import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { ConfigurationError, environmentVariable, readConfig } from '#runtime/config';

const schema = z
  .object({ TABLE_NAME: environmentVariable, RUN_QUEUE_URL: z.url('is not a URL') })
  .transform((env) => ({ table: env.TABLE_NAME, runQueueUrl: env.RUN_QUEUE_URL }));

describe('readConfig', () => {
  test('reads variables under the names that the function uses and ignores the others', () => {
    const env = { TABLE_NAME: 'winnow', RUN_QUEUE_URL: 'http://127.0.0.1/run', HOME: '/' };
    expect(readConfig(schema, env)).toEqual({ table: 'winnow', runQueueUrl: 'http://127.0.0.1/run' });
  });

  test('names every variable that is missing or wrong, and no value', () => {
    const read = () => readConfig(schema, { RUN_QUEUE_URL: 'not-a-url' });
    expect(read).toThrow(ConfigurationError);
    expect(read).toThrow(/TABLE_NAME is not set; RUN_QUEUE_URL is not a URL/);
    expect(read).not.toThrow(/not-a-url/);
  });

  test('an empty variable is as bad as a missing one', () => {
    expect(() => readConfig(schema, { TABLE_NAME: '', RUN_QUEUE_URL: 'http://127.0.0.1' })).toThrow(
      /TABLE_NAME is empty/,
    );
  });
});
