import type { Run, ScheduledRun } from '#contracts/items';
import type { RunStore } from '../runs/runs.ts';
import { type FinishDeps, finishScheduledRun } from '../scheduling/finish-scheduled-run.ts';
import type { ScheduledRunStore } from '../scheduling/scheduled-runs.ts';
import { nextForBuiltInWorker } from '../workers/external-workers.ts';
import { checkIsAtWork } from './planning-attempt.ts';

export interface ReopenDeps extends FinishDeps {
  readonly scheduledRuns: Pick<ScheduledRunStore, 'reopen'> & FinishDeps['scheduledRuns'];
  readonly runs: Pick<RunStore, 'get' | 'giveUp'>;
}

interface ReleaseDeps extends ReopenDeps {
  readonly scheduledRuns: Pick<ScheduledRunStore, 'get'> & ReopenDeps['scheduledRuns'];
  readonly runs: Pick<RunStore, 'get' | 'giveUp' | 'advance'>;
}

/**
 * Takes a scheduled run from the worker that was to plan it: it is OPEN again, and goes on as the same run whoever takes
 * it next. Each step implies those before it, so whoever finds it half done does the rest.
 */
export async function reopenRun(
  { id, datasetId, runId, workerId }: ScheduledRun,
  deps: ReopenDeps,
): Promise<void> {
  if (workerId === undefined) return;
  // Who took it may have died before the run was begun.
  const run = runId === undefined ? undefined : await deps.runs.get(runId);
  // Whoever takes it next need not wait for the lease to run out.
  if (run) await deps.runs.giveUp(run.id);
  if (!(await deps.scheduledRuns.reopen(id, workerId, deps.now()))) return;
  await deps.datasets.unlock(datasetId, id);
  const dataset = await deps.datasets.get(datasetId);
  const unfinished = await deps.scheduledRuns.listUnfinished(datasetId);
  const next = dataset && (await nextForBuiltInWorker(dataset, unfinished, deps));
  if (next) await deps.runQueue.send({ datasetId, scheduledId: next.id });
}

/** A run that was given back so often would be for ever. */
const MOST_ATTEMPTS = 30;

/** The worker that plans a run gives it back. @throws ConflictError where it is not its any more */
export async function releaseRun(
  run: Run & { readonly scheduledId: string },
  attempt: number,
  deps: ReleaseDeps,
): Promise<void> {
  checkIsAtWork(run, attempt);
  const scheduled = await deps.scheduledRuns.get(run.scheduledId);
  if (scheduled?.runId !== run.id || scheduled.workerId !== run.workerId) return;
  if (run.attempts < MOST_ATTEMPTS) return reopenRun(scheduled, deps);
  const message = `Given up after ${run.attempts} attempts; its images are left for another run.`;
  await deps.runs.advance(run.id, 'CRASHED', message, deps.now());
  await finishScheduledRun(scheduled, deps);
}
