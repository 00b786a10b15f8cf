import { z } from 'zod';
import { parseWith } from '#contracts/schema';

/** `a,b`, as a context value can be. */
const listOf = <Item extends z.ZodType<string, string>>(item: Item, most: number) =>
  z
    .string()
    .transform((text) => text.split(',').map((each) => each.trim()))
    .pipe(z.array(item).max(most))
    .default([]);

const bucketName = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'expected the name of a bucket');

/** What fits into the policy of a bus, of 10 KB, and into an event pattern, of 2,048 characters. */
const MOST_ACCOUNTS = 80;
const MOST_BUCKETS = 25;
const MOST_TOPICS = 25;

const parameters = z.strictObject({
  /** Name of a bucket that already receives images. Without it the stack makes a landing bucket. */
  existingLandingBucket: bucketName.optional(),
  /** Accounts whose EventBridge may send events of their buckets. */
  inputAccounts: listOf(
    z.string().regex(/^\d{12}$/, 'expected the 12 digits of an AWS account'),
    MOST_ACCOUNTS,
  ),
  /** Buckets of this account and region, with EventBridge turned on, whose events ingest is to receive. */
  inputBuckets: listOf(bucketName, MOST_BUCKETS),
  /** SNS topics that buckets report to already, and to which somebody subscribes the ingest queue. */
  inputTopics: listOf(
    z.string().regex(/^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}$/, 'expected the ARN of an SNS topic'),
    MOST_TOPICS,
  ),
  /** Whether stores that users name may be at private addresses, where they could reach what is near a function. */
  privateEndpoints: z.enum(['refuse', 'allow']).default('refuse'),
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
