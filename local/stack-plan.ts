import { policyDocument } from './access-policy.ts';
import { TemplateError } from './intrinsics.ts';
import { filterValue } from './object-events.ts';
import { arnOf, type NamedResource, type PhysicalNames, physicalName } from './physical-names.ts';
import type { NotificationPlan, StackPlan } from './plan-types.ts';
import * as shapes from './resource-shapes.ts';
import type { ResolvedStack, StackResource, SynthesizedStack } from './template.ts';

interface Planning {
  readonly plan: StackPlan;
  readonly names: PhysicalNames;
  readonly stack: SynthesizedStack;
  readonly resources: readonly StackResource[];
}
interface Planned extends NamedResource {
  readonly name: string;
  readonly arn: string;
  readonly path: string;
}
type Planner = (properties: unknown, resource: Planned, planning: Planning) => void;

const PLANNERS: Readonly<Record<string, Planner>> = {
  'AWS::S3::Bucket': (properties, { name }, { plan }) => {
    const { NotificationConfiguration } = shapes.bucket.parse(properties);
    const notifications = NotificationConfiguration?.QueueConfigurations ?? [];
    const eventBridge = NotificationConfiguration?.EventBridgeConfiguration?.EventBridgeEnabled ?? false;
    plan.buckets.push({ name, notifications: notifications.map(toNotification), eventBridge });
  },
  'AWS::SQS::Queue': (properties, { name, arn }, { plan }) => {
    const { RedrivePolicy, attributes } = shapes.queue.parse(properties);
    plan.queues.push({ name, arn, attributes, deadLetterArn: RedrivePolicy?.deadLetterTargetArn });
  },
  'AWS::DynamoDB::Table': planTable,
  'AWS::DynamoDB::GlobalTable': planTable,
  'AWS::Lambda::Function': planFunction,
  'AWS::Lambda::EventSourceMapping': (properties, _, { plan }) => {
    const mapping = shapes.eventSourceMapping.parse(properties);
    if (!mapping.Enabled) return;
    plan.eventSources.push({
      queueArn: mapping.EventSourceArn,
      functionName: functionNameOf(mapping.FunctionName),
      batchSize: mapping.BatchSize,
      windowSeconds: mapping.MaximumBatchingWindowInSeconds,
      reportsFailures: mapping.FunctionResponseTypes.includes('ReportBatchItemFailures'),
      maximumConcurrency: mapping.ScalingConfig?.MaximumConcurrency,
    });
  },
  'AWS::Lambda::Url': (properties, { logicalId }, { plan }) => {
    const { TargetFunctionArn, InvokeMode, AuthType } = shapes.functionUrl.parse(properties);
    plan.functionUrls.push({
      logicalId,
      functionName: functionNameOf(TargetFunctionArn),
      streams: InvokeMode === 'RESPONSE_STREAM',
      signed: AuthType === 'AWS_IAM',
    });
  },
  'AWS::Events::EventBus': (_, { name, arn }, { plan }) => {
    plan.eventBuses.push({ name, arn, policies: [] });
  },
  'AWS::Events::Rule': (properties, { logicalId }, { plan }) => {
    const { ScheduleExpression, EventPattern, EventBusName, State, Targets } = shapes.rule.parse(properties);
    if (State === 'DISABLED') return;
    const targets = Targets.map(({ Arn, Input }) => ({ arn: Arn, input: Input }));
    if (ScheduleExpression) {
      plan.schedules.push({ name: logicalId, expression: ScheduleExpression, targets });
    }
    if (EventPattern) {
      plan.eventRules.push({ name: logicalId, bus: EventBusName, pattern: EventPattern, targets });
    }
  },
  'AWS::Scheduler::Schedule': (properties, { logicalId }, { plan }) => {
    const { ScheduleExpression, State, Target } = shapes.schedule.parse(properties);
    if (State === 'DISABLED') return;
    const targets = [{ arn: Target.Arn, input: Target.Input }];
    plan.schedules.push({ name: logicalId, expression: ScheduleExpression, targets });
  },
  'AWS::IAM::Role': (properties, { name, arn }, { plan }) => {
    const { AssumeRolePolicyDocument, Policies, MaxSessionDuration } = shapes.role.parse(properties);
    const policies = Policies.map(({ PolicyDocument }) => PolicyDocument);
    plan.roles.push({
      arn,
      name,
      trust: AssumeRolePolicyDocument,
      policies,
      maximumSessionSeconds: MaxSessionDuration,
    });
  },
  'AWS::SecretsManager::Secret': (properties, { name, arn }, { plan }) => {
    const { SecretString, GenerateSecretString } = shapes.secret.parse(properties);
    plan.secrets.push({ name, arn, value: SecretString, generate: GenerateSecretString });
  },
};

/**
 * Reads what runs locally out of a stack. Resources of other types do nothing here and are passed over.
 * @throws TemplateError or ZodError naming the place, where a resource says something that cannot be carried out
 */
export function planStack(stack: SynthesizedStack, resolved: ResolvedStack, names: PhysicalNames): StackPlan {
  const plan: StackPlan = {
    buckets: [],
    queues: [],
    tables: [],
    functions: [],
    eventSources: [],
    functionUrls: [],
    schedules: [],
    eventBuses: [],
    eventRules: [],
    roles: [],
    secrets: [],
  };
  const planning: Planning = { plan, names, stack, resources: resolved.resources };
  for (const resource of resolved.resources) {
    const planner = PLANNERS[resource.type];
    if (!planner) continue;
    const properties = resource.properties();
    const named = { ...resource, givenName: givenNameOf(properties) };
    planner(
      properties,
      {
        ...named,
        name: physicalName(named, names.stackName),
        arn: arnOf(named, names),
        path: `Resources.${resource.logicalId}`,
      },
      planning,
    );
  }
  attachPolicies(resolved.resources, plan);
  return plan;
}

function givenNameOf(properties: unknown): string | undefined {
  const name = shapes.named.parse(properties);
  return name.BucketName ?? name.QueueName ?? name.TableName ?? name.FunctionName ?? name.RoleName;
}

function planTable(properties: unknown, { name }: Planned, { plan }: Planning): void {
  plan.tables.push({ name, definition: { TableName: name, ...shapes.table.parse(properties) } });
}

function planFunction(
  properties: unknown,
  { logicalId, name, arn, path }: Planned,
  planning: Planning,
): void {
  const shape = shapes.lambdaFunction.parse(properties);
  // Functions of the deployment tool itself (custom resources) have nothing to do on this machine.
  if (!shape.Code.S3Key || !shape.Runtime.startsWith('nodejs')) return;
  const environment = shape.Environment?.Variables ?? {};
  planning.plan.functions.push({
    logicalId,
    name,
    arn,
    stage: environment.STAGE ?? name,
    directory: planning.stack.assetDirectory(shape.Code.S3Key, path),
    handler: shape.Handler,
    environment,
    timeoutSeconds: shape.Timeout,
    memoryMegabytes: shape.MemorySize,
    layerDirectories: shape.Layers.map((layer) => layerDirectory(layer, path, planning)),
    roleArn: shape.Role,
  });
}

function layerDirectory(layerArn: string, path: string, { resources, names, stack }: Planning): string {
  const layer = resources.find(
    ({ type, logicalId }) =>
      type === 'AWS::Lambda::LayerVersion' &&
      arnOf({ type, logicalId, givenName: undefined }, names) === layerArn,
  );
  if (!layer) throw new TemplateError(path, `the layer ${layerArn} is not part of the stack`);
  return stack.assetDirectory(shapes.layer.parse(layer.properties()).Content.S3Key, path);
}

function toNotification(
  { Event, Queue, Filter }: shapes.QueueConfiguration,
  position: number,
): NotificationPlan {
  const rule = (name: string) =>
    filterValue(Filter?.S3Key.Rules.find((candidate) => candidate.Name.toLowerCase() === name)?.Value ?? '');
  const id = `notification-${position}`;
  return { id, queueArn: Queue, event: Event, prefix: rule('prefix'), suffix: rule('suffix') };
}

/** Statements stand in a role's own properties and in policies that name the role; those of a bus in policies only. */
function attachPolicies(resources: readonly StackResource[], { roles, eventBuses }: StackPlan): void {
  for (const { type, properties } of resources) {
    if (type === 'AWS::Events::EventBusPolicy') {
      const { EventBusName, Statement } = shapes.eventBusPolicy.parse(properties());
      const policy = policyDocument.parse({ Statement });
      eventBuses
        .find(({ name, arn }) => EventBusName === name || EventBusName === arn)
        ?.policies.push(policy);
    }
    if (type !== 'AWS::IAM::Policy' && type !== 'AWS::IAM::ManagedPolicy') continue;
    const { PolicyDocument, Roles } = shapes.policy.parse(properties());
    for (const role of roles) if (Roles.includes(role.name)) role.policies.push(PolicyDocument);
  }
}

/** Names and ARNs of functions both end in the name. */
const functionNameOf = (nameOrArn: string): string => nameOrArn.split(':').at(-1) ?? nameOrArn;
