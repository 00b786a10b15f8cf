import type { Run, ScheduledRun } from '#contracts/items';
import { finishScheduledRun } from '#platform/scheduling/finish-scheduled-run';
import type { RunDeps } from './run-deps.ts';

/**
 * What follows a run that has ended, in an order in which each step implies those before it: a worker that dies in
 * between is followed by one that finds the scheduled run LOCKED or DONE and does all of it again.
 */
export async function closeRun(scheduled: ScheduledRun, run: Run | undefined, deps: RunDeps): Promise<void> {
  if (run?.state === 'COMPLETED' && run.fannedOutAt === undefined) {
    await deps.completionQueue.send({ datasetId: scheduled.datasetId, runId: run.id });
  }
  await finishScheduledRun(scheduled, deps);
}
