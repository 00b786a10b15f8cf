import { availableParallelism } from 'node:os';
import type { EventSource } from './event-source.ts';
import type { Faults } from './faults.ts';
import type { ForeignBuckets } from './foreign-buckets.ts';
import type { FunctionStatistics } from './function-statistics.ts';
import type { FunctionRequest } from './functions.ts';
import { credentialEnvironment } from './functions.ts';
import { createLifetime } from './lifetime.ts';
import type { LocalCloudOptions } from './options.ts';
import { REGION } from './physical-names.ts';
import { messagesIn } from './queues.ts';
import type { ForeignRoles } from './roles.ts';
import { launchStack, type RunningStack } from './running-stack.ts';
import { openStateDirectory } from './state-directory.ts';

export type { FunctionStatistics } from './function-statistics.ts';
export type { FunctionRequest } from './functions.ts';
export type { LocalCloudOptions, LocalLogLine } from './options.ts';
export { StateInUseError } from './state-directory.ts';

/** What a program needs to use a local cloud. */
export interface Connection {
  readonly apiUrl: string;
  readonly token: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly endpoints: {
    readonly s3: string;
    readonly sqs: string;
    readonly dynamodb: string;
    readonly sts: string;
  };
  readonly buckets: {
    readonly landing: string;
    readonly platform: string;
    readonly exports: string;
    readonly archive: string;
  };
}

export interface LocalCloud {
  readonly connection: Connection;
  readonly tableName: string;
  /** By the stage that consumes the queue. */
  readonly queueUrls: Readonly<Record<string, string>>;
  /** By the stage whose queue they belong to. */
  readonly deadLetterQueueUrls: Readonly<Record<string, string>>;
  /** Number of messages in dead-letter queues, by the stage whose queue they belong to; empty queues are left out. */
  readonly deadLetters: () => Readonly<Record<string, number>>;
  /** Outputs of the stack. */
  readonly outputs: Readonly<Record<string, string>>;
  /** Environment variables with which any AWS SDK or CLI uses this cloud. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Invokes a function and waits for its answer.
   * @param name stage, function name or ARN
   * @throws Error with the function's own message where it fails
   */
  readonly invoke: (name: string, payload: unknown) => Promise<unknown>;
  /** Called before each AWS request of a function, or of a session that it began, is carried out. @returns stops it */
  readonly onRequest: (listener: (request: FunctionRequest) => void) => () => void;
  /** The roles of other accounts: sessions are judged by what they are at the time of each request. */
  readonly foreignRoles: ForeignRoles;
  /** The buckets of other accounts. */
  readonly foreignBuckets: ForeignBuckets;
  /** Has requests to buckets fail. */
  readonly faults: Faults;
  /** Ends the processes of a stage with SIGKILL. @returns how many there were */
  readonly kill: (stage: string) => number;
  readonly statistics: () => Readonly<Record<string, FunctionStatistics>>;
  /**
   * Resolves when no message waits, is delayed or in flight, and no function runs. Dead letters may rest.
   * Also resolves when the cloud is closed.
   * @param stages look at these only @default all
   */
  readonly idle: (stages?: readonly string[]) => Promise<void>;
  /** Messages stay in their queues; running invocations go on. */
  readonly pauseEventSources: () => void;
  readonly resumeEventSources: () => void;
  /** Ends everything. Invocations get two seconds to finish; what they leave undone is redelivered after a restart. */
  readonly close: () => Promise<void>;
}

const IDLE_POLL_MS = 20;

/**
 * Runs a synthesized stack on this machine, until it is closed.
 * @throws StateInUseError, TemplateError, or the reason why a server did not start
 */
export async function startLocalCloud(options: LocalCloudOptions): Promise<LocalCloud> {
  const lifetime = createLifetime();
  try {
    const state = openStateDirectory(options.stateDirectory);
    lifetime.atEnd(state.release);
    const settings = { maximumProcesses: availableParallelism(), ...options };
    const stack = await launchStack(settings, state, lifetime);
    return toLocalCloud(stack, lifetime.end);
  } catch (error) {
    await lifetime.end();
    throw error;
  }
}

function toLocalCloud(stack: RunningStack, close: () => Promise<void>): LocalCloud {
  const { functions, eventSources, outputs, requests, foreignRoles, foreignBuckets, faults } = stack;
  const connection = connectionTo(stack);
  let closed = false;
  return {
    connection,
    tableName: outputs.TableName ?? '',
    queueUrls: urlsByStage(stack, ({ queue }) => queue.url),
    deadLetterQueueUrls: urlsByStage(stack, ({ queue }) => stack.deadLettersOf(queue)?.url),
    deadLetters: () => deadLettersByStage(stack),
    outputs,
    environment: environmentOf(stack),
    invoke: async (name, payload) => {
      const lease = await functions.find(name).lease();
      const outcome = await lease.invoke(payload);
      if (outcome.kind === 'success') return JSON.parse(outcome.payload ?? 'null') as unknown;
      throw new Error(`${name}: ${outcome.error.errorType}: ${outcome.error.errorMessage}`);
    },
    onRequest: requests.listen,
    ...{ foreignRoles, foreignBuckets, faults },
    kill: (stage) => functions.find(stage).kill(),
    statistics: () => Object.fromEntries(functions.all.map((pool) => [pool.plan.stage, pool.statistics()])),
    idle: (stages) => untilIdle(stack, stages, () => closed),
    pauseEventSources: () => {
      for (const source of eventSources) source.stop();
    },
    resumeEventSources: () => {
      for (const source of eventSources) source.start();
    },
    close: () => {
      closed = true;
      return close();
    },
  };
}

async function untilIdle(
  { functions, eventSources }: RunningStack,
  stages: readonly string[] | undefined,
  closed: () => boolean,
): Promise<void> {
  const pools = functions.all.filter(({ plan }) => !stages || stages.includes(plan.stage));
  const sources = eventSources.filter(({ functionName }) =>
    pools.some(({ plan }) => plan.name === functionName),
  );
  const busy = () =>
    pools.some((pool) => pool.running() > 0) || sources.some(({ queue }) => messagesIn(queue) > 0);
  while (!closed() && busy()) await new Promise((resolve) => setTimeout(resolve, IDLE_POLL_MS));
}

function connectionTo({ outputs, servers, account, secrets }: RunningStack): Connection {
  const { accessKeyId, secretAccessKey } = account;
  return {
    apiUrl: outputs.ApiUrl ?? '',
    token: secrets.find(outputs.TokenSecretArn ?? '')?.value ?? '',
    region: REGION,
    accessKeyId,
    secretAccessKey,
    endpoints: {
      s3: servers.storage,
      sqs: servers.storage,
      dynamodb: servers.tables,
      sts: servers.account,
    },
    buckets: {
      landing: outputs.LandingBucketName ?? '',
      platform: outputs.PlatformBucketName ?? '',
      exports: outputs.ExportsBucketName ?? '',
      archive: outputs.ArchiveBucketName ?? '',
    },
  };
}

function environmentOf({ account, endpointEnvironment }: RunningStack): Record<string, string> {
  return {
    AWS_REGION: REGION,
    AWS_DEFAULT_REGION: REGION,
    ...credentialEnvironment(account),
    ...endpointEnvironment,
  };
}

function deadLettersByStage({
  eventSources,
  functions,
  deadLettersOf,
}: RunningStack): Record<string, number> {
  const counts = eventSources.map(({ functionName, queue }) => {
    const deadLetters = deadLettersOf(queue);
    return [functions.find(functionName).plan.stage, deadLetters ? messagesIn(deadLetters) : 0] as const;
  });
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

function urlsByStage(
  { eventSources, functions }: RunningStack,
  urlOf: (source: EventSource) => string | undefined,
): Record<string, string> {
  return Object.fromEntries(
    eventSources.flatMap((source) => {
      const url = urlOf(source);
      return url ? [[functions.find(source.functionName).plan.stage, url]] : [];
    }),
  );
}
