import type { z } from 'zod';
import type { PolicyDocument } from './access-policy.ts';
import type { EventPattern } from './event-pattern.ts';
import type { secret } from './resource-shapes.ts';

export interface BucketPlan {
  readonly name: string;
  readonly notifications: readonly NotificationPlan[];
  /** Its events come to the default bus of EventBridge. */
  readonly eventBridge: boolean;
}
export interface NotificationPlan {
  readonly id: string;
  readonly queueArn: string;
  /** As `s3:ObjectCreated:*`. */
  readonly event: string;
  readonly prefix: string;
  readonly suffix: string;
}
export interface QueuePlan {
  readonly name: string;
  readonly arn: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly deadLetterArn: string | undefined;
}
export interface TablePlan {
  readonly name: string;
  /** The input of `CreateTable`. */
  readonly definition: Readonly<Record<string, unknown>>;
}
export interface FunctionPlan {
  readonly logicalId: string;
  readonly name: string;
  readonly arn: string;
  /** The function's environment variable `STAGE`, or its name. */
  readonly stage: string;
  readonly directory: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly layerDirectories: readonly string[];
  readonly roleArn: string;
}
export interface EventSourcePlan {
  readonly queueArn: string;
  readonly functionName: string;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly reportsFailures: boolean;
  readonly maximumConcurrency: number | undefined;
}
export interface FunctionUrlPlan {
  readonly logicalId: string;
  readonly functionName: string;
  readonly streams: boolean;
  readonly signed: boolean;
}
export interface SchedulePlan {
  readonly name: string;
  readonly expression: string;
  /** Functions and queues. */
  readonly targets: readonly { readonly arn: string; readonly input: string | undefined }[];
}
export interface EventBusPlan {
  readonly name: string;
  readonly arn: string;
  /** Who may send events to it, beside its own account. */
  readonly policies: PolicyDocument[];
}
export interface EventRulePlan {
  readonly name: string;
  /** Name or ARN of a bus, or `default`. */
  readonly bus: string;
  readonly pattern: EventPattern;
  /** Queues. */
  readonly targets: readonly { readonly arn: string; readonly input: string | undefined }[];
}
export interface RolePlan {
  readonly arn: string;
  readonly name: string;
  readonly trust: PolicyDocument;
  readonly policies: PolicyDocument[];
  readonly maximumSessionSeconds: number;
}
export interface SecretPlan {
  readonly name: string;
  readonly arn: string;
  readonly value: string | undefined;
  readonly generate: z.infer<typeof secret>['GenerateSecretString'];
}

/** What of a stack runs on this machine. */
export interface StackPlan {
  readonly buckets: BucketPlan[];
  readonly queues: QueuePlan[];
  readonly tables: TablePlan[];
  readonly functions: FunctionPlan[];
  readonly eventSources: EventSourcePlan[];
  readonly functionUrls: FunctionUrlPlan[];
  readonly schedules: SchedulePlan[];
  readonly eventBuses: EventBusPlan[];
  readonly eventRules: EventRulePlan[];
  readonly roles: RolePlan[];
  readonly secrets: SecretPlan[];
}
