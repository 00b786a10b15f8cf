import { uprightSizeOf } from '#contracts/image-facts';
import type { RunDecision } from '#contracts/run-plan';
import type { RunConfig } from '#contracts/worker-config';
import type { CropTask } from './crop-tasks.ts';

/** Those of the tasks whose crops are kept as samples. */
export function uploadedTasks({ docker }: RunConfig, tasks: readonly CropTask[]): readonly CropTask[] {
  const { enableUpload, enableUploadForTasks } = docker.crops;
  if (!enableUpload) return [];
  return enableUploadForTasks ? tasks.filter(({ name }) => enableUploadForTasks.includes(name)) : tasks;
}

/** The decision with the crops that are to be cut out of its image, where it was selected and has any. */
export function plannedCrops(decision: RunDecision, tasks: readonly CropTask[]): RunDecision {
  const { outcome, sample, fileName } = decision;
  if (outcome !== 'selected' || !sample?.facts) return decision;
  const size = uprightSizeOf(sample.facts);
  const crops = tasks.flatMap(({ name: task, regionsOf }) =>
    regionsOf(fileName, size).map((region) => ({ task, ...region })),
  );
  return crops.length > 0 ? { ...decision, crops } : decision;
}
