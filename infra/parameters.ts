import { z } from 'zod';
import { parseWith } from '#contracts/schema';

const parameters = z.strictObject({
  /** Name of a bucket that already receives images. Without it the stack makes a landing bucket. */
  existingLandingBucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'expected the name of a bucket')
    .optional(),
  /** Customer-managed key for buckets, table and token secret. Without it AWS-managed encryption is used. */
  kmsKeyArn: z
    .string()
    .regex(
      /^arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key\/([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/,
      'expected the ARN of a KMS key, not of an alias',
    )
    .optional(),
  /** Receives every alarm, after the address has been confirmed. */
  alarmEmail: z.email().optional(),
  /** Memory of the functions that carry out runs and select in their shards. What a new account may have, unless more was granted. */
  runMemoryMegabytes: z.coerce
    .number('expected a number of megabytes')
    .int()
    .min(1769, 'expected 1769 to 10240')
    .max(10_240, 'expected 1769 to 10240')
    .default(3008),
  /** What becomes of data and table when the stack is deleted. */
  removalPolicy: z.enum(['retain', 'destroy']).default('retain'),
});
/** What a deployment can choose. Each is a context value of the same name: `cdk deploy -c alarmEmail=...`. */
export type Parameters = Readonly<z.infer<typeof parameters>>;

const NAMES = Object.keys(parameters.shape);

/** The parameters from context, checked. @throws InvalidInputError that names the wrong one. */
export function readParameters(contextValue: (name: string) => unknown): Parameters {
  const given = NAMES.map((name) => [name, contextValue(name)] as const);
  return parseWith(
    parameters,
    Object.fromEntries(given.filter(([, value]) => value !== undefined)),
    'The context (-c name=value)',
  );
}
