import { runPlanKey } from '#contracts/s3-keys';
import { newObjectId } from '#contracts/schema';
import type { RunPlan } from '#platform/runs/run-plan-lines';
import { planRun } from '#worker/plan-run';
import type { RunControl } from '#worker/run-control';
import { failingByInvalidInput } from '#worker/stop-run';
import { type Attempt, enterState, stopIfCanceled, tellProgress, warn } from '../attempt.ts';
import type { RunDeps } from '../run-deps.ts';
import { runImages } from '../run-images.ts';
import { loadInput } from './load-input.ts';
import { readPlan, writePlan } from './plan-file.ts';
import { readHandedIn } from './read-handed-in.ts';
import { selectHereOrInShards } from './select-in-shards.ts';

/**
 * The plan of the run: the one that an earlier attempt has recorded, or else a new one, recorded unless another
 * attempt was faster.
 *
 * @throws StopRun where the run can't be carried out as it was ordered, or is canceled.
 */
export async function decideRun(attempt: Attempt, deps: RunDeps): Promise<RunPlan> {
  const { id: runId, planKey } = attempt.run;
  if (planKey !== undefined) return readHandedIn(planKey, attempt, deps);
  const ownKey = runPlanKey(attempt.dataset.id, runId, newObjectId(deps.now()));
  const control = controlOf(attempt, deps);
  const input = await failingByInvalidInput(() => loadInput(attempt, deps, control));
  const plan = await planRun(input, control);
  await writePlan(ownKey, plan, deps);
  const recordedKey = await deps.runs.recordPlan(runId, ownKey);
  // Read back even where it is its own: every attempt works from the very same bytes.
  if (recordedKey === ownKey) return readPlan(ownKey, deps);
  // It was not made from what this attempt has read.
  attempt.read = undefined;
  return readHandedIn(recordedKey, attempt, deps);
}

export const controlOf = (attempt: Attempt, deps: RunDeps): RunControl => ({
  enter: (state, message) => enterState(attempt, state, message, deps),
  progress: (share) => tellProgress(attempt, share, deps),
  warn: (message) => warn(attempt, message),
  stopIfCanceled: () => stopIfCanceled(attempt),
  select: (request) => selectHereOrInShards(request, attempt, deps),
  images: runImages(attempt.dataset, deps),
  memory: attempt.memory,
  now: deps.now,
});
