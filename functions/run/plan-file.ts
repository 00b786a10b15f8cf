import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { NotFoundError } from '#contracts/errors';
import type { WritableObjectStore } from '#platform/objects/objects';
import { putThrough } from '#platform/objects/put-through';
import { textLines } from '#platform/objects/text-lines';
import { planLines, type RunPlan } from '#platform/runs/run-plan-lines';
import { parseDecidedLines } from '#worker/decided-lines';

interface PlanPlace {
  readonly objects: WritableObjectStore;
  readonly platformBucket: string;
}

/** Writes a plan as gzipped JSON lines. */
export async function writePlan(
  key: string,
  plan: RunPlan,
  { objects, platformBucket }: PlanPlace,
): Promise<void> {
  const reference = { bucket: platformBucket, key };
  const options = { contentType: 'application/gzip' };
  await putThrough(planLines(plan), createGzip(), { reference, options }, objects);
}

/**
 * @throws NotFoundError where there is no such plan; StopRun where a worker elsewhere has handed in why there can be
 * none.
 */
export async function readPlan(key: string, { objects, platformBucket }: PlanPlace): Promise<RunPlan> {
  const found = await objects.open({ bucket: platformBucket, key });
  if (!found) throw new NotFoundError('run plan', key);
  return pipeline(found.body, createGunzip(), (unzipped: AsyncIterable<Uint8Array>) =>
    parseDecidedLines(textLines(unzipped)),
  );
}
