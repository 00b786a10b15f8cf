import { InProgressError } from '#contracts/errors';
import type { Run, ScheduledRun } from '#contracts/items';
import { isRunEnded } from '#contracts/run-states';
import { newObjectId } from '#contracts/schema';
import { startedRun } from '#platform/runs/started-run';
import type { RunDeps } from './run-deps.ts';

/**
 * Locks the scheduled run and makes this worker the one that carries out its run, a new one or the one that another
 * worker left behind. The lease keeps two deliveries of a message from doing the work side by side; should they do
 * it all the same, both carry out the plan that was recorded first, so it only costs time.
 *
 * @returns 'ended' where the scheduled run was canceled or finished in the meantime, 'elsewhere' where another worker
 * than the built-in one has locked it.
 * @throws InProgressError where another worker is at it: its message must come back in case that worker dies.
 */
export async function claimRun(scheduled: ScheduledRun, deps: RunDeps): Promise<Run | 'ended' | 'elsewhere'> {
  const newRunId = newObjectId(deps.now());
  // One that was opened again goes on with its run.
  const locked = await deps.scheduledRuns.lock(scheduled.id, scheduled.runId ?? newRunId, deps.now());
  const { state, runId, workerId, handsInPlan, lastModifiedAt } = locked;
  if (workerId !== undefined && !handsInPlan) return 'elsewhere';
  if (state !== 'LOCKED' || runId === undefined) return 'ended';
  if (runId === newRunId) return deps.runs.create(startedRun(runId, scheduled, deps.now()));

  const stored = await deps.runs.get(runId);
  if (stored && isRunEnded(stored.state)) return stored;
  // Without a run, the worker that locked it is about to create it or has died just before.
  const lastSignOfLife = stored?.heartbeatAt ?? lastModifiedAt;
  if (deps.now() - lastSignOfLife < deps.leaseSeconds * 1000) {
    throw new InProgressError(`Another worker is carrying out run '${runId}'.`);
  }
  if (!stored) return deps.runs.create(startedRun(runId, scheduled, deps.now()));
  return stored.waitsForDatasource ? goOn(stored, deps) : deps.runs.takeOver(runId, deps.now());
}

/** A wait is no attempt: however often the datasource is refused, the run is not given up for it. */
async function goOn(waiting: Run, deps: RunDeps): Promise<Run> {
  const run = await deps.runs.goOn(waiting, deps.now());
  if (!run) throw new InProgressError(`Another worker is carrying out run '${waiting.id}'.`);
  await deps.runs.heartbeat(run.id, deps.now());
  return run;
}
