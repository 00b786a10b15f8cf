import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { NotFoundError } from '#contracts/errors';
import type { WritableObjectStore } from '#platform/objects/objects';
import { putThrough } from '#platform/objects/put-through';
import { parsePlanLines, planLines, type RunPlan } from '#platform/runs/run-plan-lines';

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

/** @throws NotFoundError where there is no such plan. */
export async function readPlan(key: string, { objects, platformBucket }: PlanPlace): Promise<RunPlan> {
  const found = await objects.open({ bucket: platformBucket, key });
  if (!found) throw new NotFoundError('run plan', key);
  return pipeline(found.body, createGunzip(), (unzipped: AsyncIterable<Buffer>) =>
    parsePlanLines(linesOf(unzipped)),
  );
}

/** Splits at line feeds only: a file name may hold other characters that some readers take for the end of a line. */
async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
