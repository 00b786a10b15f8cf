import { DatasourceError, NotFoundError } from '#contracts/errors';
import type { Run, ScheduledRun } from '#contracts/items';
import type { RunMessage } from '#contracts/messages';
import { isRunEnded } from '#contracts/run-states';
import { stillWaitsFor } from '#platform/runs/datasource-waits';
import { hasReached, POINT_OF_NO_RETURN } from '#platform/runs/run-progress';
import { isBeingTakenIn } from '#platform/syncs/first-listing';
import { leftToOthers } from '#platform/workers/external-workers';
import { StopRun } from '#worker/stop-run';
import { type Attempt, beginAttempt } from './attempt.ts';
import { claimRun } from './claim-run.ts';
import { closeRun } from './close-run.ts';
import { endEarly } from './end-early.ts';
import { whileAlive } from './heartbeat.ts';
import { decideRun } from './plan/decide-run.ts';
import { servePlanner } from './plan/serve-planner.ts';
import { saveResults } from './results/save-results.ts';
import { writeArtifacts } from './results/write-artifacts.ts';
import type { RunDeps } from './run-deps.ts';
import { waitForDatasource } from './wait-for-datasource.ts';

/**
 * Carries out a scheduled run, or continues where a worker that died left it. Any number of deliveries of the
 * message, and a kill at any moment, lead to the same samples, tags and artifacts: see
 * docs/adr/0002-runs-are-resumable-plans.md. A run whose datasource refuses waits where it is, which is a success of the
 * message: reconcile sends it again.
 *
 * @throws NotFoundError for a scheduled run that does not exist in the dataset.
 * @throws RetryableError where another worker is carrying it out.
 */
export async function carryOutRun({ datasetId, scheduledId }: RunMessage, deps: RunDeps): Promise<void> {
  const scheduled = await deps.scheduledRuns.get(scheduledId);
  if (scheduled?.datasetId !== datasetId) throw new NotFoundError('scheduled run', scheduledId);
  const { workerId, handsInPlan = false } = scheduled;
  // Whoever locked it ends it.
  if (workerId !== undefined && !handsInPlan) return;
  if (scheduled.state === 'DONE' || scheduled.state === 'CANCELED') {
    const run = scheduled.runId === undefined ? undefined : await deps.runs.get(scheduled.runId);
    return closeRun(scheduled, run, deps);
  }
  if (handsInPlan && !(await servePlanner(scheduled, deps))) return;
  if (await isLeftToOthers(scheduled, deps)) {
    deps.telemetry.log('info', 'Run is left to another worker', { datasetId, scheduledId });
    return;
  }
  if (await hasToWait(scheduled, deps)) return;
  if (await comesTooEarly(scheduled, deps)) {
    deps.telemetry.log('info', 'Run waits until the datasource is taken in', { datasetId, scheduledId });
    return;
  }
  if (!(await deps.datasets.lock(datasetId, scheduledId))) {
    // The run that holds the lock sends this one's message when it ends.
    deps.telemetry.log('info', 'Another run of the dataset is under way', { datasetId, scheduledId });
    return;
  }
  const claimed = await claimRun(scheduled, deps);
  if (claimed === 'elsewhere') return;
  if (claimed === 'ended') return closeRun(scheduled, undefined, deps);
  const run = await endedRun(claimed, scheduled, deps);
  if (!isRunEnded(run.state)) return;
  report(run, deps);
  return closeRun(scheduled, run, deps);
}

/** A run that waits and could not go on. One that is to be canceled could, where nothing of it can be seen yet. */
async function hasToWait(
  { datasetId, state, runId, cancelRequested }: ScheduledRun,
  deps: RunDeps,
): Promise<boolean> {
  if (state !== 'LOCKED' || runId === undefined) return false;
  const run = await deps.runs.get(runId);
  if (!run || isRunEnded(run.state)) return false;
  if (cancelRequested && !hasReached(run, POINT_OF_NO_RETURN)) return false;
  return (await stillWaitsFor(run, datasetId, deps)) !== undefined;
}

/** It stays OPEN, and reconcile sends its message again. */
async function comesTooEarly({ state, datasetId }: ScheduledRun, deps: RunDeps): Promise<boolean> {
  if (state !== 'OPEN') return false;
  const dataset = await deps.datasets.get(datasetId);
  return dataset !== undefined && isBeingTakenIn(dataset, deps);
}

/** Should that worker go away, reconcile sends the message again. */
async function isLeftToOthers(scheduled: ScheduledRun, deps: RunDeps): Promise<boolean> {
  if (scheduled.runsOn.length === 0) return false;
  const dataset = await deps.datasets.get(scheduled.datasetId);
  return dataset !== undefined && (await leftToOthers(dataset, [scheduled], deps)).has(scheduled);
}

/** The run at its end, or waiting for its datasource. */
async function endedRun(run: Run, scheduled: ScheduledRun, deps: RunDeps): Promise<Run> {
  if (isRunEnded(run.state)) return run;
  const dataset = await deps.datasets.get(scheduled.datasetId);
  if (!dataset) throw new NotFoundError('dataset', scheduled.datasetId);
  const isVisible = hasReached(run, POINT_OF_NO_RETURN);
  if (run.attempts > deps.maxAttempts && !isVisible) return giveUp(run, deps);
  const attempt = await beginAttempt({ dataset, scheduled, run }, deps);
  try {
    return await whileAlive(attempt, deps, () => workOn(attempt, deps));
  } catch (error) {
    if (!(error instanceof DatasourceError)) throw error;
    await waitForDatasource(attempt, error, deps);
    await attempt.log.flush();
    return attempt.run;
  }
}

/**
 * A run that kills every worker, or that the world never lets decide, must not hold its dataset for ever. One whose
 * plan is being carried out goes on: what is left are writes, and half of them would be worse than none.
 */
function giveUp({ id }: Run, { runs, maxAttempts, now }: RunDeps): Promise<Run> {
  const message = `Given up after ${maxAttempts} attempts; its images are left for another run.`;
  return runs.advance(id, 'CRASHED', message, now());
}

async function workOn(attempt: Attempt, deps: RunDeps): Promise<Run> {
  try {
    const plan = await decideRun(attempt, deps);
    await saveResults(attempt, plan, deps);
    await writeArtifacts(attempt, plan, deps);
    return attempt.run;
  } catch (error) {
    if (error instanceof StopRun) return endEarly(attempt, error, deps);
    throw error;
  }
}

function report({ id: runId, datasetId, state, attempts }: Run, { telemetry }: RunDeps): void {
  telemetry.log('info', 'Run ended', { runId, datasetId, state, attempts });
  telemetry.count('RunsCompleted', Number(state === 'COMPLETED'));
  telemetry.count('RunsFailed', Number(state === 'FAILED' || state === 'CRASHED'));
  telemetry.count('RunsAborted', Number(state === 'ABORTED'));
}
