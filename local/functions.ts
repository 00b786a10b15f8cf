import { createExecutionEnvironment } from './execution-environment.ts';
import { createFunctionPool, type FunctionPool } from './function-pool.ts';
import type { FunctionRuntime } from './function-runtime.ts';
import type { ObservedRequest } from './gate.ts';
import { REGION } from './physical-names.ts';
import type { FunctionPlan, FunctionUrlPlan, RolePlan, StackPlan } from './plan-types.ts';
import type { Principal, Principals } from './principals.ts';

/** A request of a function, as tests see it. */
export interface FunctionRequest extends ObservedRequest {
  readonly requestId: string;
  /** Which request of this invocation: 1, 2, … */
  readonly ordinal: number;
}

/** The functions of a stack and their processes. */
export interface Functions {
  /** By stage, function name or ARN. @throws Error where there is none */
  readonly find: (name: string) => FunctionPool;
  readonly all: readonly FunctionPool[];
  /** Numbers a request within its invocation. */
  readonly number: (request: ObservedRequest) => FunctionRequest;
  readonly close: () => Promise<void>;
}

export interface FunctionsOptions {
  readonly plan: StackPlan;
  readonly principals: Principals;
  readonly runtime: FunctionRuntime;
  readonly endpoints: Readonly<Record<string, string>>;
  /** Of one function. */
  readonly maximumProcesses: number;
  readonly log: ((line: { readonly stage: string; readonly text: string }) => void) | undefined;
}

export function createFunctions(options: FunctionsOptions): Functions {
  const counters = createRequestCounters();
  const all = options.plan.functions.map((each) => createPool(each, options, counters.begin));
  return {
    all,
    find: (name) => {
      const pool = all.find(({ plan: { stage, name: own, arn } }) => [stage, own, arn].includes(name));
      if (!pool) throw new Error(`Expected a stage or function of the stack, but received ${name}`);
      return pool;
    },
    number: counters.number,
    close: async () => {
      await Promise.all(all.map((pool) => pool.close()));
    },
  };
}

function createPool(
  each: FunctionPlan,
  { plan, principals, runtime, endpoints, maximumProcesses, log }: FunctionsOptions,
  begin: (functionName: string, slot: number, requestId: string) => void,
): FunctionPool {
  const { stage, name: functionName, roleArn } = each;
  const { taskRoot, nodePath } = runtime.install(each);
  const mapping = plan.eventSources.find((source) => source.functionName === functionName);
  const processes = Math.min(maximumProcesses, mapping?.maximumConcurrency ?? maximumProcesses);
  const { policies } = roleOf(plan.roles, roleArn);
  const environments = Array.from({ length: processes }, (_, slot) => {
    const principal = principals.addFunction({ stage, functionName, slot }, roleArn, policies);
    return createExecutionEnvironment({
      plan: each,
      taskRoot,
      variables: {
        ...each.environment,
        ...inheritedEnvironment(),
        ...endpoints,
        ...lambdaEnvironment(each),
        ...credentialEnvironment(principal),
        ...(nodePath && { NODE_PATH: nodePath }),
      },
      onStart: (requestId) => begin(functionName, slot, requestId),
      log: log && ((text) => log({ stage, text })),
    });
  });
  return createFunctionPool(each, environments);
}

/** Counts the requests of the invocation that is under way in each execution environment. */
function createRequestCounters() {
  const invocations = new Map<string, { readonly requestId: string; requests: number }>();
  return {
    begin: (functionName: string, slot: number, requestId: string): void => {
      invocations.set(`${functionName}#${slot}`, { requestId, requests: 0 });
    },
    number: (request: ObservedRequest): FunctionRequest => {
      const invocation = invocations.get(`${request.functionName}#${request.slot}`);
      if (!invocation) return { ...request, requestId: '', ordinal: 0 };
      invocation.requests++;
      return { ...request, requestId: invocation.requestId, ordinal: invocation.requests };
    },
  };
}

export function roleOf(roles: readonly RolePlan[], arn: string): RolePlan {
  const role = roles.find((candidate) => candidate.arn === arn);
  if (!role) throw new Error(`Expected the role ${arn} in the stack: a function runs with it`);
  return role;
}

export const poolOfUrl = (functions: Functions, { functionName }: FunctionUrlPlan): FunctionPool =>
  functions.find(functionName);

/** All that a process sees of the machine. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR } = process.env;
  return { ...(PATH && { PATH }), ...(HOME && { HOME }), ...(TMPDIR && { TMPDIR }) };
}

const lambdaEnvironment = ({ name, memoryMegabytes }: FunctionPlan): NodeJS.ProcessEnv => ({
  TZ: ':UTC',
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMegabytes),
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: 'local',
});

export const credentialEnvironment = ({
  accessKeyId,
  secretAccessKey,
  sessionToken,
}: Principal): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: accessKeyId,
  AWS_SECRET_ACCESS_KEY: secretAccessKey,
  ...(sessionToken && { AWS_SESSION_TOKEN: sessionToken }),
});
