import { ENVIRONMENT } from '#contracts/stages';
import type { LocalCloudOptions } from './options.ts';
import type { FunctionPlan, QueuePlan, StackPlan } from './plan-types.ts';

/** The plan with what the options set instead of the template. */
export function withOverrides(
  plan: StackPlan,
  { environment, maxReceiveCount }: Pick<LocalCloudOptions, 'environment' | 'maxReceiveCount'>,
): StackPlan {
  return {
    ...plan,
    functions: plan.functions.map((each) => withEnvironment(each, environment?.[each.stage])),
    queues: plan.queues.map((each) => withReceiveCount(each, maxReceiveCount)),
  };
}

/** Stores that somebody runs beside the local cloud are at private addresses. */
const withEnvironment = (
  { environment, ...plan }: FunctionPlan,
  variables: Readonly<Record<string, string>> = {},
): FunctionPlan => ({
  ...plan,
  environment: {
    ...environment,
    ...(environment[ENVIRONMENT.privateEndpoints] !== undefined && {
      [ENVIRONMENT.privateEndpoints]: 'allow',
    }),
    ...variables,
  },
});

function withReceiveCount(plan: QueuePlan, maxReceiveCount: number | undefined): QueuePlan {
  const { RedrivePolicy } = plan.attributes;
  if (maxReceiveCount === undefined || RedrivePolicy === undefined) return plan;
  const policy = JSON.stringify({ ...JSON.parse(RedrivePolicy), maxReceiveCount });
  return { ...plan, attributes: { ...plan.attributes, RedrivePolicy: policy } };
}
