import { DatasourceError, NotFoundError } from '#contracts/errors';
import type { Run, ScheduledRun } from '#contracts/items';
import { isRunEnded } from '#contracts/run-states';
import { runInputKey } from '#contracts/s3-keys';
import { newObjectId } from '#contracts/schema';
import { putGzippedLines } from '#platform/objects/gzipped-lines';
import { PLANNING_LEASE_MS } from '#platform/planned-runs/begin-planning';
import { reopenRun } from '#platform/planned-runs/reopen-run';
import { stillWaitsFor } from '#platform/runs/datasource-waits';
import { inputLines } from '#worker/lines/run-input-lines';
import { failingByInvalidInput, StopRun } from '#worker/stop-run';
import { beginAttempt } from '../attempt.ts';
import { closeRun } from '../close-run.ts';
import { endEarly } from '../end-early.ts';
import type { RunDeps } from '../run-deps.ts';
import { waitForDatasource } from '../wait-for-datasource.ts';
import { controlOf } from './decide-run.ts';
import { loadInput } from './load-input.ts';

/**
 * What the built-in worker does for a worker elsewhere that plans a run: it puts the input together, and opens the run
 * again where that worker is gone.
 *
 * @returns true where the run is the built-in worker's to carry out: it is decided, over, or to be stopped
 */
export async function servePlanner(scheduled: ScheduledRun, deps: RunDeps): Promise<boolean> {
  const run = scheduled.runId === undefined ? undefined : await deps.runs.get(scheduled.runId);
  if (run && (isRunEnded(run.state) || run.planKey !== undefined)) return true;
  const lastSign = run?.heartbeatAt ?? scheduled.lastModifiedAt;
  if (deps.now() - lastSign >= PLANNING_LEASE_MS) {
    if (scheduled.cancelRequested || (run && run.attempts >= deps.maxAttempts)) return true;
    deps.telemetry.log('warn', 'A worker that was to plan a run is gone', { scheduledId: scheduled.id });
    await reopenRun(scheduled, deps);
    return false;
  }
  if (!run || run.inputKey !== undefined) return false;
  if ((await stillWaitsFor(run, scheduled.datasetId, deps)) !== undefined) return false;
  const resumed = run.waitsForDatasource ? await deps.runs.goOn(run, deps.now()) : run;
  if (resumed) await prepareInput(scheduled, resumed, deps);
  return false;
}

async function prepareInput(scheduled: ScheduledRun, run: Run, deps: RunDeps): Promise<void> {
  const { datasetId } = scheduled;
  const dataset = await deps.datasets.get(datasetId);
  if (!dataset) throw new NotFoundError('dataset', datasetId);
  const attempt = await beginAttempt({ dataset, scheduled, run }, deps);
  try {
    const control = controlOf(attempt, deps);
    const input = await failingByInvalidInput(() => loadInput(attempt, deps, control));
    const key = runInputKey(datasetId, run.id, newObjectId(deps.now()));
    await putGzippedLines(inputLines(input), { bucket: deps.platformBucket, key }, deps.objects);
    await deps.runs.recordInput(run, key);
  } catch (error) {
    if (error instanceof DatasourceError) return await waitForDatasource(attempt, error, deps);
    if (!(error instanceof StopRun)) throw error;
    await closeRun(scheduled, await endEarly(attempt, error, deps), deps);
  } finally {
    await attempt.log.flush();
  }
}
