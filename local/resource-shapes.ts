import { z } from 'zod';
import { policyDocument } from './access-policy.ts';
import { eventPattern } from './event-pattern.ts';

/** Properties of CloudFormation resources, as far as they mean something on this machine. */

/** Templates write numbers and booleans as texts now and then. */
const number = z.coerce.number();
const text = z.coerce.string();
const flag = z.union([z.boolean(), z.stringbool()]);

export const named = z.object({
  BucketName: text.optional(),
  QueueName: text.optional(),
  TableName: text.optional(),
  FunctionName: text.optional(),
  RoleName: text.optional(),
});

const queueConfiguration = z.object({
  Event: z.string(),
  Queue: z.string(),
  Filter: z
    .object({ S3Key: z.object({ Rules: z.array(z.object({ Name: z.string(), Value: z.string() })) }) })
    .optional(),
});
export type QueueConfiguration = z.infer<typeof queueConfiguration>;
export const bucket = z.object({
  NotificationConfiguration: z
    .object({
      QueueConfigurations: z.array(queueConfiguration).default([]),
      // The block alone turns it on.
      EventBridgeConfiguration: z.object({ EventBridgeEnabled: flag.default(true) }).optional(),
    })
    .optional(),
});

const redrivePolicy = z.object({ deadLetterTargetArn: z.string(), maxReceiveCount: number });
export const queue = z
  .object({
    VisibilityTimeout: text.default('30'),
    DelaySeconds: text.default('0'),
    MessageRetentionPeriod: text.optional(),
    MaximumMessageSize: text.optional(),
    ReceiveMessageWaitTimeSeconds: text.optional(),
    RedrivePolicy: redrivePolicy.optional(),
  })
  .transform(({ RedrivePolicy, ...plain }) => ({
    RedrivePolicy,
    attributes: {
      ...Object.fromEntries(Object.entries(plain).flatMap(([name, value]) => (value ? [[name, value]] : []))),
      ...(RedrivePolicy && { RedrivePolicy: JSON.stringify(RedrivePolicy) }),
    },
  }));

const keySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.string() }));
const index = z.object({
  IndexName: z.string(),
  KeySchema: keySchema,
  Projection: z.object({
    ProjectionType: z.string(),
    NonKeyAttributes: z.array(z.string()).optional(),
  }),
});
export const table = z
  .object({
    AttributeDefinitions: z.array(z.object({ AttributeName: z.string(), AttributeType: z.string() })),
    KeySchema: keySchema,
    GlobalSecondaryIndexes: z.array(index).optional(),
    LocalSecondaryIndexes: z.array(index).optional(),
  })
  .transform((definition) => ({ ...definition, BillingMode: 'PAY_PER_REQUEST' }));

export const lambdaFunction = z.object({
  Code: z.object({ S3Key: z.string().optional() }),
  Handler: z.string().default('index.handler'),
  Runtime: z.string().default(''),
  Role: z.string(),
  Timeout: number.default(3),
  MemorySize: number.default(128),
  Environment: z.object({ Variables: z.record(z.string(), text) }).optional(),
  Layers: z.array(z.string()).default([]),
});
export const layer = z.object({ Content: z.object({ S3Key: z.string() }) });

/** Filters are not carried out here, so a mapping that has one is refused instead of delivering too much. */
export const eventSourceMapping = z.object({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: number.default(10),
  MaximumBatchingWindowInSeconds: number.default(0),
  FunctionResponseTypes: z.array(z.string()).default([]),
  ScalingConfig: z.object({ MaximumConcurrency: number.optional() }).optional(),
  Enabled: flag.default(true),
  FilterCriteria: z.undefined({ error: 'the local cloud does not filter events of a mapping' }).optional(),
});

export const functionUrl = z.object({
  TargetFunctionArn: z.string(),
  AuthType: z.enum(['NONE', 'AWS_IAM']),
  InvokeMode: z.enum(['BUFFERED', 'RESPONSE_STREAM']).default('BUFFERED'),
});

export const eventBusPolicy = z.object({
  EventBusName: z.string().default('default'),
  Statement: z.unknown(),
});
export const rule = z.object({
  ScheduleExpression: z.string().optional(),
  EventPattern: eventPattern.optional(),
  EventBusName: z.string().default('default'),
  State: z.string().default('ENABLED'),
  Targets: z.array(z.object({ Arn: z.string(), Input: z.string().optional() })).default([]),
});
export const schedule = z.object({
  ScheduleExpression: z.string(),
  State: z.string().default('ENABLED'),
  Target: z.object({ Arn: z.string(), Input: z.string().optional() }),
});

export const role = z.object({
  AssumeRolePolicyDocument: policyDocument,
  Policies: z.array(z.object({ PolicyDocument: policyDocument })).default([]),
  MaxSessionDuration: number.default(3600),
});
export const policy = z.object({
  PolicyDocument: policyDocument,
  Roles: z.array(z.string()).default([]),
});

export const secret = z.object({
  SecretString: z.string().optional(),
  GenerateSecretString: z
    .object({
      PasswordLength: number.default(32),
      ExcludeCharacters: z.string().default(''),
      ExcludePunctuation: flag.default(false),
      SecretStringTemplate: z.string().optional(),
      GenerateStringKey: z.string().optional(),
    })
    .optional(),
});
