import { NotFoundError } from '#contracts/errors';
import { putGzippedLines, readGzippedLines } from '#platform/objects/gzipped-lines';
import type { WritableObjectStore } from '#platform/objects/objects';
import { planLines, type RunPlan } from '#platform/runs/run-plan-lines';
import { parseDecidedLines } from '#worker/lines/decided-lines';

interface PlanPlace {
  readonly objects: WritableObjectStore;
  readonly platformBucket: string;
}

/** Writes a plan as gzipped JSON lines. */
export const writePlan = (
  key: string,
  plan: RunPlan,
  { objects, platformBucket: bucket }: PlanPlace,
): Promise<void> => putGzippedLines(planLines(plan), { bucket, key }, objects);

/**
 * @throws NotFoundError where there is no such plan; StopRun where a worker elsewhere has handed in why there can be
 * none.
 */
export async function readPlan(key: string, { objects, platformBucket }: PlanPlace): Promise<RunPlan> {
  const found = await objects.open({ bucket: platformBucket, key });
  if (!found) throw new NotFoundError('run plan', key);
  return readGzippedLines(found.body, parseDecidedLines);
}
