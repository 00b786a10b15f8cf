import { createFunctionPool, type FunctionPool } from './function-pool.ts';
import type { FunctionRuntime } from './function-runtime.ts';
import type { ObservedRequest } from './gate.ts';
import { REGION } from './physical-names.ts';
import type { Principal, Principals } from './principals.ts';
import type { FunctionUrlPlan, RolePlan, StackPlan } from './stack-plan.ts';

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
  /** Processes of one function. */
  readonly maximumProcesses: number;
  readonly log: ((line: { readonly stage: string; readonly text: string }) => void) | undefined;
}

export function createFunctions(options: FunctionsOptions): Functions {
  const { plan, maximumProcesses, log } = options;
  const invocations = new Map<string, { readonly requestId: string; requests: number }>();
  const invocationKey = (functionName: string, slot: number) => `${functionName}#${slot}`;
  const all = plan.functions.map((each) => {
    const { taskRoot, nodePath } = options.runtime.install(each);
    const mapped = plan.eventSources.find(({ functionName }) => functionName === each.name);
    const processes = Math.min(maximumProcesses, mapped?.maximumConcurrency ?? maximumProcesses);
    const policies = roleOf(plan.roles, each.roleArn).policies;
    const identities = Array.from({ length: processes }, (_, slot) =>
      options.principals.addFunction(
        { stage: each.stage, functionName: each.name, slot },
        each.roleArn,
        policies,
      ),
    );
    return createFunctionPool({
      plan: each,
      maximumProcesses: processes,
      taskRoot,
      environment: (slot) => ({
        ...each.environment,
        ...inheritedEnvironment(),
        ...options.endpoints,
        ...lambdaEnvironment(each),
        ...credentialEnvironment(identities[slot]),
        ...(nodePath && { NODE_PATH: nodePath }),
      }),
      onStart: (slot, requestId) =>
        invocations.set(invocationKey(each.name, slot), { requestId, requests: 0 }),
      log: log && ((text) => log({ stage: each.stage, text })),
    });
  });
  return {
    all,
    find: (name) => {
      const pool = all.find(({ plan: { stage, name: own, arn } }) => [stage, own, arn].includes(name));
      if (!pool) throw new Error(`Expected a stage or function of the stack, but received ${name}`);
      return pool;
    },
    number: (request) => {
      const key = invocationKey(request.functionName, request.slot);
      const invocation = invocations.get(key) ?? { requestId: '', requests: 0 };
      invocation.requests++;
      return { ...request, requestId: invocation.requestId, ordinal: invocation.requests };
    },
    close: async () => {
      await Promise.all(all.map((pool) => pool.close()));
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

const lambdaEnvironment = ({ name, memoryMegabytes }: FunctionPool['plan']): NodeJS.ProcessEnv => ({
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

export const credentialEnvironment = (principal: Principal | undefined): NodeJS.ProcessEnv => ({
  AWS_ACCESS_KEY_ID: principal?.accessKeyId,
  AWS_SECRET_ACCESS_KEY: principal?.secretAccessKey,
  ...(principal?.sessionToken && { AWS_SESSION_TOKEN: principal.sessionToken }),
});
