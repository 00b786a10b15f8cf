import pMap from 'p-map';
import { InvalidInputError } from '#contracts/errors';
import type { Run } from '#contracts/items';
import type { Sample } from '#contracts/samples';
import { planFault } from '#platform/planned-runs/plan-faults';
import type { RunPlan } from '#platform/runs/run-plan-lines';
import { hasReached, POINT_OF_NO_RETURN } from '#platform/runs/run-progress';
import { StopRun } from '#worker/stop-run';
import type { Attempt } from '../attempt.ts';
import { rawSamplesOf } from '../raw-samples-of.ts';
import type { RunDeps } from '../run-deps.ts';
import { readPlan } from './plan-file.ts';

const CONCURRENT_READS = 8;

/**
 * Reads a plan that this attempt has not made. One that a worker elsewhere may have handed in is held against what is
 * stored, before anything of it is written.
 *
 * @throws StopRun where it can't be carried out
 */
export async function readHandedIn(key: string, attempt: Attempt, deps: RunDeps): Promise<RunPlan> {
  const { run } = attempt;
  // What is written already would look wrong.
  if (run.workerId === undefined || hasReached(run, POINT_OF_NO_RETURN)) return readPlan(key, deps);
  const plan = await readPlan(key, deps).catch((error: unknown) => {
    if (isOfContent(error)) throw notValid(run, `It can't be read: ${(error as Error).message}`, error);
    throw error;
  });
  await checkHandedIn(attempt, plan, deps);
  return plan;
}

/** Not JSON, no vector, or not whole, instead of a download that broke off. */
const isOfContent = (error: unknown): boolean =>
  error instanceof InvalidInputError ||
  error instanceof SyntaxError ||
  error instanceof RangeError ||
  String((error as { readonly code?: unknown } | undefined)?.code).startsWith('Z_');

const notValid = ({ workerId }: Run, fault: string, cause?: unknown): StopRun =>
  new StopRun('FAILED', `The plan that worker '${workerId}' handed in is not valid. ${fault}`, [], { cause });

async function checkHandedIn(attempt: Attempt, plan: RunPlan, deps: RunDeps): Promise<void> {
  const { run, dataset } = attempt;
  const { decisions } = plan;
  const fileNames = decisions.map(({ fileName }) => fileName);
  const rawSamples = await rawSamplesOf(dataset.id, fileNames, deps);
  const samples = new Map<number, Sample>();
  const refreshed = decisions.flatMap(({ outcome, sample }) =>
    outcome === 'refreshed' && sample ? [sample.index] : [],
  );
  const readSample = async (index: number): Promise<void> => {
    const found = await deps.samples.get(dataset.id, index);
    if (found) samples.set(index, found);
  };
  await pMap(refreshed, readSample, { concurrency: CONCURRENT_READS });
  const fault = planFault(plan, { run, dataset, rawSamples, samples });
  if (fault !== undefined) throw notValid(run, fault);
}
