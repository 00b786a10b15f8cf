import { allows } from './access-policy.ts';
import { createEventSource, type EventSource } from './event-source.ts';
import type { Faults } from './faults.ts';
import { type SqsQueue, SqsStore } from './fauxqs-parts.ts';
import type { ForeignBuckets } from './foreign-buckets.ts';
import { type Foundation, layFoundation, type StackSettings } from './foundation.ts';
import { createFunctionRuntime } from './function-runtime.ts';
import { createFunctions, type Functions, poolOfUrl, roleOf } from './functions.ts';
import type { Lifetime } from './lifetime.ts';
import { ACCOUNT_ID, type PhysicalNames, REGION } from './physical-names.ts';
import { withOverrides } from './plan-overrides.ts';
import type { StackPlan } from './plan-types.ts';
import type { Principal } from './principals.ts';
import { createQueues, returnInterruptedMessages } from './queues.ts';
import type { RequestListeners } from './request-listeners.ts';
import type { ForeignRoles } from './roles.ts';
import { startSchedules } from './schedules.ts';
import { createSecrets, type Secrets } from './secrets.ts';
import { createSecurityTokens } from './security-tokens.ts';
import { type ServerUrls, startServers } from './servers.ts';
import { planStack } from './stack-plan.ts';
import type { StateDirectory } from './state-directory.ts';
import { createTables } from './tables.ts';
import { readAssembly, resolveStack, type SynthesizedStack } from './template.ts';

/** A stack whose servers, functions, event sources and schedules are at work. */
export interface RunningStack {
  readonly account: Principal;
  readonly servers: ServerUrls;
  readonly outputs: Readonly<Record<string, string>>;
  readonly secrets: Secrets;
  readonly functions: Functions;
  readonly eventSources: readonly EventSource[];
  readonly requests: RequestListeners;
  readonly foreignRoles: ForeignRoles;
  readonly foreignBuckets: ForeignBuckets;
  readonly faults: Faults;
  readonly endpointEnvironment: Readonly<Record<string, string>>;
  readonly deadLettersOf: (queue: SqsQueue) => SqsQueue | undefined;
}

const INVOCATION_GRACE_MS = 2000;

export async function launchStack(
  settings: StackSettings,
  state: StateDirectory,
  lifetime: Lifetime,
): Promise<RunningStack> {
  const synthesized = readAssembly(settings.assembly, settings.stack);
  const foundation = layFoundation(settings, state, lifetime);
  const { live, queues, requests, principals } = foundation;
  const servers = await openServers(foundation, synthesized);
  const names = namesAt(servers, synthesized.name);
  const resolved = resolveStack(synthesized, names, settings.parameters);
  const plan = withOverrides(planStack(synthesized, resolved, names), settings);
  live.plan = plan;
  const secrets = createSecrets(plan.secrets, state.remembered.secrets);
  live.secrets = secrets;
  state.save();
  await createResources(foundation, plan, servers);
  const endpointEnvironment = endpointsOf(servers);
  const functions = prepareFunctions(foundation, plan, endpointEnvironment);
  live.functions = functions;
  const eventSources = connectEventSources(foundation, plan, functions);
  startClock(foundation, plan, functions);
  return {
    account: principals.account,
    servers,
    outputs: resolved.outputs() as Record<string, string>,
    secrets,
    functions,
    eventSources,
    requests,
    foreignRoles: foundation.roles,
    foreignBuckets: foundation.buckets,
    faults: foundation.faults,
    endpointEnvironment,
    deadLettersOf: ({ arn }) => {
      const deadLetterArn = plan.queues.find((each) => each.arn === arn)?.deadLetterArn;
      return deadLetterArn === undefined ? undefined : queues.getQueueByArn(deadLetterArn);
    },
  };
}

const namesAt = (servers: ServerUrls, stackName: string): PhysicalNames => ({
  stackName,
  region: REGION,
  accountId: ACCOUNT_ID,
  queueEndpoint: () => `${servers.storage}/`,
  functionUrl: (logicalId) => `${servers.functionUrls[logicalId]}/`,
});

async function openServers(foundation: Foundation, { template }: SynthesizedStack): Promise<ServerUrls> {
  const { live, principals, roles, gate, now, settings, lifetime } = foundation;
  const urls = Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::Lambda::Url');
  const planOf = (id: string) => live.plan?.functionUrls.find(({ logicalId }) => logicalId === id);
  const functionUrls = urls.map(([logicalId]) => {
    const pool = () => {
      const url = planOf(logicalId);
      return url && live.functions && poolOfUrl(live.functions, url);
    };
    return [logicalId, { plan: () => planOf(logicalId), pool, gate, now }] as const;
  });
  const servers = await startServers({
    ...foundation,
    secrets: { find: (id) => live.secrets?.find(id) },
    tokens: createSecurityTokens({
      ...{ roles, principals, gate, now },
      sessionSecondsCap: settings.sessionSecondsCap,
    }),
    functionUrls: Object.fromEntries(functionUrls),
  });
  lifetime.atEnd(servers.close);
  return servers;
}

async function createResources(
  { objects, buckets, queues, principals, settings }: Foundation,
  plan: StackPlan,
  servers: ServerUrls,
): Promise<void> {
  for (const { name } of plan.buckets) objects.createBucket(name);
  for (const bucket of settings.foreignBuckets ?? []) buckets.set(bucket);
  createQueues(plan, queues, (name) => `${servers.storage}/${ACCOUNT_ID}/${name}`);
  returnInterruptedMessages([...queues.allQueues()]);
  await createTables(plan.tables, servers.tables, principals.account);
}

const endpointsOf = (servers: ServerUrls): Record<string, string> => ({
  AWS_ENDPOINT_URL_S3: servers.storage,
  AWS_ENDPOINT_URL_SQS: servers.storage,
  AWS_ENDPOINT_URL_DYNAMODB: servers.tables,
  AWS_ENDPOINT_URL_STS: servers.account,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: servers.account,
});

function prepareFunctions(
  { settings, principals, lifetime }: Foundation,
  plan: StackPlan,
  endpoints: Record<string, string>,
): Functions {
  const runtime = createFunctionRuntime();
  lifetime.atEnd(runtime.remove);
  const { maximumProcesses, log } = settings;
  const functions = createFunctions({ plan, principals, runtime, endpoints, maximumProcesses, log });
  lifetime.atEnd(functions.close);
  lifetime.atEnd(async () => {
    const end = Date.now() + INVOCATION_GRACE_MS;
    while (Date.now() < end && functions.all.some((pool) => pool.running() > 0)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
  return functions;
}

const POLLER_ACTIONS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

function connectEventSources(foundation: Foundation, plan: StackPlan, functions: Functions): EventSource[] {
  const { queues, settings, lifetime, now, onProblem } = foundation;
  const sources = plan.eventSources.map((mapping) => {
    const pool = functions.find(mapping.functionName);
    const queue = queues.getQueueByArn(mapping.queueArn);
    if (!queue) throw new Error(`Expected the queue ${mapping.queueArn} in the stack: a mapping reads it`);
    const { policies } = roleOf(plan.roles, pool.plan.roleArn);
    const missing = POLLER_ACTIONS.find((action) => !allows(policies, { action, resource: queue.arn }));
    if (missing) throw new Error(`The role of ${pool.plan.name} lacks ${missing} on ${queue.arn}`);
    const { visibilityTimeoutCap, deliveriesPerMessage = 1 } = settings;
    return createEventSource({
      plan: mapping,
      queue,
      queues,
      pool,
      visibilityTimeoutCap,
      deliveriesPerMessage,
      now,
      onProblem,
    });
  });
  for (const source of sources) source.start();
  lifetime.atEnd(() => {
    for (const source of sources) source.stop();
  });
  return sources;
}

function startClock(
  { settings, queues, lifetime, now, onProblem }: Foundation,
  plan: StackPlan,
  functions: Functions,
) {
  const stop = startSchedules({
    plans: plan.schedules,
    periodCap: settings.schedulePeriodCap,
    onProblem,
    fire: ({ arn, input }, { name }) => {
      const time = new Date(now()).toISOString();
      const event =
        input ??
        JSON.stringify({
          source: 'aws.events',
          'detail-type': 'Scheduled Event',
          time,
          detail: {},
          resources: [name],
        });
      const queue = queues.getQueueByArn(arn);
      if (queue) return queue.enqueue(SqsStore.createMessage(event));
      void functions
        .find(arn)
        .lease()
        .then((lease) => lease.invoke(JSON.parse(event)))
        .then((outcome) => {
          if (outcome.kind !== 'success') onProblem(`schedule ${name}: ${outcome.error.errorMessage}`);
        });
    },
  });
  lifetime.atEnd(stop);
}
